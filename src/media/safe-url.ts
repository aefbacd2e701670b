import { isIP } from 'node:net'
import { InputError } from '../model/errors.js'
import { isLoopback, isPublicAddress } from './address.js'

/** Hosts that files of Sora were seen under (`data-shapes` section 7). */
export const defaultHosts: readonly string[] = [
  ...['videos.openai.com', 'chatgpt.com', 'cdn.openai.com', 'ogimg.chatgpt.com'],
]

/** Where files may be asked for. */
export interface UrlRules {
  /** Over https, at the usual port. */
  hosts: ReadonlySet<string>
  /** `host:port` of the configured API if it is on this machine: http goes there, and only there. */
  local: string | null
}

/** Why an address is not asked. */
export type UrlProblem = 'form' | 'scheme' | 'credentials' | 'port' | 'host' | 'private_address'

/** An address that may be asked, or why it may not. */
export type CheckedUrl =
  | { isSafe: true; origin: string; path: string; isLocal: boolean }
  | { isSafe: false; reason: UrlProblem; problem: string }

const longestUrl = 16_384

const notHttps = (protocol: string): string =>
  protocol === 'http:'
    ? 'it is http:, not https: (http is for the API alone, on this machine: --base-url)'
    : `it is ${protocol.slice(0, 40)}, not https:`

/**
 * Checks the address of a file before anything is sent. What its name leads to is checked when it is
 * connected to.
 */
export function checkUrl(address: string, rules: UrlRules): CheckedUrl {
  const url = toUrl(address)
  if (url === null) return unsafe('form', 'it is no web address')
  const { protocol, host, hostname, pathname, search } = url
  if (url.username !== '' || url.password !== '')
    return unsafe('credentials', 'it holds a user or password')
  const safe = { isSafe: true, origin: url.origin, path: pathname + search } as const
  const isWeb = protocol === 'https:' || protocol === 'http:'
  if (isWeb && host === rules.local) return { ...safe, isLocal: true }
  if (protocol !== 'https:') return unsafe('scheme', notHttps(protocol))
  if (!rules.hosts.has(hostname))
    return unsafe('host', `${hostname.slice(0, 100)} is none of the hosts in media.hosts`)
  if (url.port !== '') return unsafe('port', `it names the port ${url.port}`)
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !isPublicAddress(literal))
    return unsafe('private_address', `${hostname} is no public address`)
  return { ...safe, isLocal: false }
}

const unsafe = (reason: UrlProblem, problem: string): CheckedUrl => ({
  ...{ isSafe: false, reason, problem },
})

/** Where a redirect leads to; what is no address stays as it is and is refused as such. */
export const redirectTarget = (origin: string, path: string, location: string): string =>
  URL.canParse(location, origin + path) ? new URL(location, origin + path).href : location

/** Parsers disagree on what these do in an address: no parser is to be asked. */
const odd = /[\u0000-\u0020\u007f\\]/

function toUrl(address: string): URL | null {
  if (address.length > longestUrl || odd.test(address)) return null
  return URL.canParse(address) ? new URL(address) : null
}

/**
 * Where files may be asked for, by the settings.
 * @throws InputError for a host that is none
 */
export function toUrlRules(hosts: readonly string[], baseUrl: string): UrlRules {
  const wrong = hosts.filter((host) => !isHost(host))
  if (wrong.length > 0)
    throw new InputError(
      `media.hosts: ${wrong.join(', ')} is no name of a host; write e.g. videos.openai.com`,
    )
  return { hosts: new Set(hosts), local: localHost(baseUrl) }
}

const isHost = (host: string): boolean =>
  URL.canParse(`https://${host}/`) && new URL(`https://${host}/`).host === host

function localHost(baseUrl: string): string | null {
  if (!URL.canParse(baseUrl)) return null
  const { host, hostname } = new URL(baseUrl)
  const literal = hostname.replace(/^\[|\]$/g, '')
  return hostname === 'localhost' || isLoopback(literal) ? host : null
}
