import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLoopback, isPublicAddress } from '../../src/media/address.js'
import { checkUrl, defaultHosts, redirectTarget, toUrlRules } from '../../src/media/safe-url.js'
import { InputError } from '../../src/model/errors.js'

const rules = toUrlRules(defaultHosts, 'https://api.tikhub.io')
const local = toUrlRules(defaultHosts, 'http://127.0.0.1:4000')

const reasonOf = (url: string, by = rules): string => {
  const checked = checkUrl(url, by)
  return checked.isSafe ? `${checked.origin} ${checked.path}` : checked.reason
}

describe('checkUrl', () => {
  it('lets an address through as it is signed', () => {
    const url =
      'https://videos.openai.com/az/vg-assets/a%2Fb%23c.mp4?se=2026-02-06T00%3A00%3A00Z&sig=a/b%3D'

    expect(checkUrl(url, rules)).toEqual({
      isSafe: true,
      origin: 'https://videos.openai.com',
      path: '/az/vg-assets/a%2Fb%23c.mp4?se=2026-02-06T00%3A00%3A00Z&sig=a/b%3D',
      isLocal: false,
    })
  })

  it.each([
    ['http://videos.openai.com/a', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['data:text/html,x', 'scheme'],
    ['ftp://videos.openai.com/a', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['http://169.254.169.254/latest/meta-data/', 'scheme'],
    ['https://169.254.169.254/latest/meta-data/', 'host'],
    ['https://evil.example/a', 'host'],
    ['https://videos.openai.com.evil.example/a', 'host'],
    ['https://videos.openai.com./a', 'host'],
    ['https://evil.example/#@videos.openai.com/', 'host'],
    ['https://[::1]/a', 'host'],
    ['https://2130706433/a', 'host'],
    ['https://videos.openai.com:8443/a', 'port'],
    ['https://user:secret@videos.openai.com/a', 'credentials'],
    ['https://user@videos.openai.com/a', 'credentials'],
    ['https://:secret@videos.openai.com/a', 'credentials'],
    ['https://evil.example\\@videos.openai.com/a', 'form'],
    ['https://videos.openai.com/a\nHost: evil', 'form'],
    ['https://videos.openai.com/ a', 'form'],
    ['no address', 'form'],
    ['', 'form'],
    [`https://videos.openai.com/${'a'.repeat(20_000)}`, 'form'],
    ['http://127.0.0.1:4000/a', 'scheme'],
  ])('refuses %s: %s', (url, reason) => {
    expect(reasonOf(url)).toBe(reason)
  })

  it.each([
    ['http://127.0.0.1:4000/a', 'http://127.0.0.1:4000 /a'],
    ['http://127.1:4000/a', 'http://127.0.0.1:4000 /a'],
    ['https://127.0.0.1:4000/a', 'https://127.0.0.1:4000 /a'],
    ['ws://127.0.0.1:4000/a', 'scheme'],
    ['http://127.0.0.1:4001/a', 'scheme'],
    ['https://127.0.0.1:4001/a', 'host'],
    ['http://localhost:4000/a', 'scheme'],
    ['http://u:p@127.0.0.1:4000/a', 'credentials'],
    ['http://videos.openai.com/a', 'scheme'],
  ])('with a local API: %s gives %s', (url, expected) => {
    expect(reasonOf(url, local)).toBe(expected)
  })

  it('tells what is on this machine', () => {
    expect(checkUrl('http://127.0.0.1:4000/a', local)).toMatchObject({ isLocal: true })
  })

  it.each(['10.0.0.1', '[fd00::1]'])('refuses %s also where somebody allowed it', (host) => {
    const allowed = toUrlRules([host], 'https://api.tikhub.io')

    expect(reasonOf(`https://${host}/a`, allowed)).toBe('private_address')
  })

  it('lets nothing through but https to an allowed host at its port, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (url) => {
        const checked = checkUrl(url, rules)
        expect(!checked.isSafe || rules.hosts.has(checked.origin.slice('https://'.length))).toBe(
          true,
        )
      }),
    )
  })
})

describe('toUrlRules', () => {
  it.each(['https://videos.openai.com', 'videos.openai.com/', 'a b', 'a:b@c', ''])(
    'throws for the host %j',
    (host) => {
      expect(() => toUrlRules([host], 'https://api.tikhub.io')).toThrow(InputError)
    },
  )

  it.each([
    ['http://localhost:9', 'localhost:9'],
    ['http://[::1]:9', '[::1]:9'],
    ['http://10.0.0.5:9', null],
    ['https://api.tikhub.io', null],
  ])('takes %s as local: %s', (baseUrl, host) => {
    expect(toUrlRules([], baseUrl).local).toBe(host)
  })
})

describe('redirectTarget', () => {
  it.each([
    ['/b', 'https://videos.openai.com/b'],
    ['b?x=1', 'https://videos.openai.com/dir/b?x=1'],
    ['//evil.example/a', 'https://evil.example/a'],
    ['file:///etc/passwd', 'file:///etc/passwd'],
    ['https://[', 'https://['],
  ])('%s leads to %s', (location, expected) => {
    expect(redirectTarget('https://videos.openai.com', '/dir/a', location)).toBe(expected)
  })
})

describe('isPublicAddress', () => {
  it.each([
    '20.150.1.1',
    '8.8.8.8',
    '172.32.0.1',
    '2606:4700::6810:84e5',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.168.0.1', '192.0.0.8', '198.18.0.1', '224.0.0.1'],
    ...['255.255.255.255', '168.63.129.16', '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1'],
    ...['fd00:ec2::254', 'ff02::1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:7f00:1'],
    ...['64:ff9b::10.0.0.1', '64:ff9b:1::1', '2002:a9fe:a9fe::1', '2002:808:808::1', '2001::1'],
    ...['2001:db8::1', '::8.8.8.8', '::127.0.0.1', 'no address', '', '127.1', '0x7f000001'],
  ])('not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['10.0.0.1', false],
    ['localhost', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected)
  })
})
