import { BlockList, isIP } from 'node:net'

/** IPv4 addresses that are nobody's on the public network (IANA, special-purpose registry). */
const special4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's wire server: a public number that answers inside of its machines only.
  ['168.63.129.16', 32],
]

/** Within 2000::/3, where all public IPv6 addresses are: those that are none, and those that hide another. */
const special6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const refused = new BlockList()
for (const [net, bits] of special4) refused.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of special6) refused.addSubnet(net, bits, 'ipv6')

const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for an address that anybody on the public network has: not private, loopback, link-local, … */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, 'ipv4')
    case 6:
      return isPublic6(address)
    default:
      return false
  }
}

function isPublic6(address: string): boolean {
  if (address.includes('%')) return false
  const inner = embedded4(address)
  if (inner !== null) return isPublicAddress(inner)
  return global6.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}

/** The IPv4 address inside one that is mapped (`::ffff:0:0/96`) or translated (`64:ff9b::/96`). */
function embedded4(address: string): string | null {
  // The parser of addresses writes every form of them in one.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const hex = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(plain)
  if (hex === null) return null
  const [high, low] = [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** True for an address of this very machine. */
export const isLoopback = (address: string): boolean => {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
