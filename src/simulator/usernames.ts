import type { Network } from './network.js'
import { mix } from './random.js'

const first = ['copper', 'harbor', 'quill', 'nimbus', 'tinplate', 'drift', 'paper', 'sundial']
const second = ['thistle', 'lantern', 'fern', 'patch', 'owl', 'wood', 'planet', 'fox', 'teapot']
const joints = ['', '.', '_', '-']

/** Name of a person, different for everyone; `anonymous` where the account is gone. */
export function usernameOf(network: Network, person: number): string {
  if (person < 0) return 'anonymous'
  const bits = mix(network.seed, person, 71)
  const name = `${first[bits % first.length]}${joints[(bits >>> 8) % 4]}`
  return `${name}${second[(bits >>> 12) % second.length]}${person.toString(36)}`
}

/** Displayed name; null for some, as in captures. */
export function displayNameOf(network: Network, person: number): string | null {
  const bits = mix(network.seed, person, 72)
  if (bits % 7 === 0) return null
  if (bits % 7 === 1) return `ニンバス ${person}`
  const name = `${first[(bits >>> 8) % first.length]} ${second[(bits >>> 12) % second.length]}`
  return bits % 7 === 2 ? `${name} 🦉` : name
}

/** What a person says of itself; null for most. */
export function biographyOf(network: Network, person: number): string | null {
  const bits = mix(network.seed, person, 73)
  if (bits % 3 !== 0) return null
  return bits % 2 === 0 ? 'Making odd little films.\nInvented for testing.' : '昼は本屋、夜は映画。'
}
