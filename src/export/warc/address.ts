import { endpointAt, findEndpoint } from '../../model/endpoints.js'
import { toBodyKind } from '../../model/envelope.js'
import type { Params } from '../../model/page.js'
import type { Call } from './call.js'

/** What was asked, as far as it is known. */
export interface Asked {
  /** `WARC-Target-URI`. */
  uri: string
  /** The request; NULL where only what came is known, not what was asked. */
  request: { line: string; host: string; contentType: string | null; body: string } | null
}

/** Where TikHub's envelope comes from, if the ledger does not say it. */
const relay = 'https://api.tikhub.io'

/**
 * The address that a call went to. An imported answer in TikHub's envelope names its path and
 * parameters; one without is known by kind only, and gets a URN instead of a web address.
 */
export function toAsked(call: Call, body: Buffer | null): Asked {
  const endpoint = findEndpoint(call.endpoint)
  const base = call.baseUrl ?? (call.isImported && isEnvelope(body) ? relay : null)
  const url = endpoint && base !== null ? toUrl(base, endpoint.path) : null
  if (!endpoint || url === null) return { uri: toUrn(call), request: null }
  const { method } = endpoint
  if (method === 'GET') url.search = new URLSearchParams(call.params).toString()
  const isJson = method === 'POST' && !endpoint.parameters.some((each) => each.in === 'file')
  return {
    uri: url.href,
    request: {
      line: `${method} ${url.pathname}${url.search} HTTP/1.1`,
      host: url.host,
      contentType: isJson ? 'application/json' : null,
      body: isJson ? JSON.stringify(call.params) : '',
    },
  }
}

function toUrl(base: string, path: string): URL | null {
  if (!/^https?:/.test(base) || !URL.canParse(base)) return null
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  return url
}

function isEnvelope(body: Buffer | null): boolean {
  if (body === null) return false
  try {
    const kind = toBodyKind(JSON.parse(body.toString('utf8')))
    return kind.kind === 'envelope' && endpointAt(kind.envelope.router ?? '') !== undefined
  } catch {
    return false
  }
}

const toUrn = ({ endpoint, params }: { endpoint: string; params: Params }): string => {
  const query = new URLSearchParams(params).toString()
  return `urn:x-afterfeed:${encodeURIComponent(endpoint.toWellFormed())}${query === '' ? '' : `?${query}`}`
}
