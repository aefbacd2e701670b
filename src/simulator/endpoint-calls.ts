import { unescape } from 'node:querystring'
import type { Endpoint } from '../model/endpoint.js'
import { endpointAt } from '../model/endpoints.js'
import type { EndpointName } from '../model/endpoints.js'
import type { Account } from './account.js'
import type { Answers } from './answers.js'
import type { AnswerKeep } from './answer-keep.js'
import { envelope, errorEnvelope } from './envelope.js'
import type { CallFacts, Failure } from './envelope.js'
import { isFamilyGone, nextFault } from './faults.js'
import type { CallFault, FaultRule } from './faults.js'
import { hexDigits, uuid4 } from './identity.js'
import { piece } from './objects.js'
import type { Settings } from './options.js'
import { hashText, mix } from './random.js'
import {
  bannedAgent,
  gatewayPage,
  missingParameters,
  refusals,
  unknownKey,
  unknownPath,
} from './refusals.js'
import { headerOf, jsonReply, silence } from './reply.js'
import type { Incoming, Reply } from './reply.js'

/** What answering a call needs. */
export interface CallRoom {
  settings: Settings
  account: Account
  answers: Answers
  keep: AnswerKeep
  origin: string
}

/** Answers a call of one of the 17 endpoints; null where the path is none of them. */
export function answerCall(room: CallRoom, incoming: Incoming): Reply | null {
  const endpoint = endpointAt(incoming.path)
  if (!endpoint || endpoint.method !== incoming.method) return null
  const { account, settings } = room
  const refused = refuseCaller(room, incoming)
  // A route that does not exist asks nobody for a key.
  if (refused && !(refused.status === 401 && isFamilyGone(settings.faults))) return refused
  const address = hashText(`${incoming.method} ${incoming.target}`)
  const nth = account.count(endpoint.name, address)
  const facts = factsOf(
    room,
    incoming,
    uuid4(address | 0, mix(settings.seed, nth, address / 2 ** 32)),
  )
  const reply = admit(room, { endpoint, incoming, facts, nth, address })
  account.settle(reply.manner === 'whole' ? reply.status : 'broken')
  return reply
}

/** Refuses agents that Cloudflare bans, and unknown keys; null for everyone else. */
export function refuseCaller({ settings }: CallRoom, incoming: Incoming): Reply | null {
  if (/^python-urllib/i.test(headerOf(incoming, 'user-agent'))) {
    const body = bannedAgent(hexDigits(settings.seed, settings.clock() | 0, { digits: 16 }))
    return jsonReply(403, body, { server: 'cloudflare' })
  }
  const cookie = /(?:^|;\s*)Authorization=([^;]*)/.exec(headerOf(incoming, 'cookie'))?.[1]
  const given = headerOf(incoming, 'authorization') || unescape(cookie ?? '')
  if (given === `Bearer ${settings.key}`) return null
  const failure = unknownKey(given.replace(/^Bearer /, ''))
  return jsonReply(401, errorEnvelope(unnumbered(settings, incoming), failure))
}

const unnumbered = (settings: Settings, incoming: Incoming): CallFacts => ({
  requestId: uuid4(settings.clock() | 0, settings.seed),
  now: settings.clock(),
  router: incoming.path,
  method: incoming.method,
  params: Object.fromEntries(incoming.query),
  cacheUrl: '',
})

function factsOf({ settings, origin }: CallRoom, incoming: Incoming, requestId: string): CallFacts {
  const sign = hexDigits(settings.seed, hashText(requestId) | 0, { salt: 171, digits: 64 })
  return {
    requestId,
    now: settings.clock(),
    router: incoming.path,
    method: incoming.method,
    params: Object.fromEntries(incoming.query),
    cacheUrl: `${origin}/api/v1/cache/public/${requestId}?sign=${sign}`,
  }
}

interface Call {
  endpoint: Endpoint
  incoming: Incoming
  facts: CallFacts
  nth: number
  address: number
}

function admit(room: CallRoom, call: Call): Reply {
  const { settings, account } = room
  const { endpoint, facts, nth, address } = call
  if (!account.admits(endpoint, facts.now)) return refuse(call, refusals.pace)
  const fault = nextFault(settings.faults, address, { seed: settings.seed, nth })
  const early = fault ? earlyFault(call, fault) : null
  if (early) return early
  if (!account.canPay(endpoint, facts.now)) return refuse(call, refusals.balance)
  const reply = answer(room, call)
  return fault ? lateFault(reply, { fault, call }) : reply
}

function answer({ answers, account, keep }: CallRoom, call: Call): Reply {
  const { endpoint, incoming, facts } = call
  const missing = missingOf(endpoint, incoming)
  if (missing) return jsonReply(422, missing)
  const name = endpoint.name as EndpointName
  const given = answers[name]({ params: facts.params, now: facts.now })
  if (!Array.isArray(given)) return refuse(call, given)
  account.bill(endpoint, facts.now)
  keep.put(facts, given)
  return jsonReply(200, envelope(facts, given), successHeaders(facts))
}

const successHeaders = (facts: CallFacts): Reply['headers'] => ({
  server: 'cloudflare',
  'cf-cache-status': 'DYNAMIC',
  'x-request-id': facts.requestId,
})

/** The body of a 422 where something required is missing. */
function missingOf(endpoint: Endpoint, { query, body, headers }: Incoming): string | null {
  const required = endpoint.parameters.filter((each) => each.required)
  if (endpoint.method === 'GET') {
    const names = required.filter(({ name }) => !query.has(name)).map(({ name }) => name)
    return names.length > 0 ? missingParameters('query', names) : null
  }
  const isForm = String(headers['content-type'] ?? '').startsWith('multipart/form-data')
  const text = body.toString(isForm ? 'latin1' : 'utf8')
  const names = required
    .filter(({ name }) => !text.includes(isForm ? `name="${name}"` : `"${name}"`))
    .map(({ name }) => name)
  return names.length > 0 ? missingParameters('body', names) : null
}

/** The refusal of a caller who asks the account's own paths too fast. */
export function refuseQuestion({ settings, account }: CallRoom, incoming: Incoming): Reply | null {
  if (account.admitsQuestion(settings.clock())) return null
  return jsonReply(429, errorEnvelope(unnumbered(settings, incoming), refusals.pace))
}

/** A business error; some of them echo the request's headers, the key too, as was once measured. */
function refuse({ facts, incoming, nth }: Call, failure: Failure): Reply {
  const isEchoed = failure.status === 400 && nth % 2 === 1
  const headers = { authorization: headerOf(incoming, 'authorization') }
  const body = errorEnvelope(facts, failure, isEchoed ? headers : undefined)
  const pause = failure.status === 429 && nth % 2 === 1 ? { 'retry-after': 1 } : {}
  return jsonReply(failure.status, body, pause)
}

/** Faults that come before anything is done, and are refusals. */
const refusalOf: Partial<Record<CallFault, Failure>> = {
  '400': refusals.retry,
  '402': refusals.balance,
  '403': refusals.scope,
  private: refusals.private,
  '404': refusals.missing,
  '429': refusals.pace,
  '500': refusals.internal,
  '502': refusals.gateway,
  '503': refusals.maintenance,
  '504': refusals.timeout,
}

/** Faults that come before anything is done; NULL for those of an answer. */
function earlyFault(call: Call, { kind }: FaultRule<CallFault>): Reply | null {
  const refusal = refusalOf[kind]
  if (refusal !== undefined) return refuse(call, refusal)
  if (kind === '401')
    return refuse(call, unknownKey(headerOf(call.incoming, 'authorization').slice(7)))
  if (kind === 'gone') return jsonReply(404, unknownPath)
  if (kind === 'html502')
    return { ...jsonReply(502, gatewayPage), headers: { 'content-type': 'text/html' } }
  return kind === 'reset' ? silence() : null
}

/** Faults of an answer that is billed already. */
function lateFault(
  reply: Reply,
  { fault, call }: { fault: FaultRule<CallFault>; call: Call },
): Reply {
  const { kind, argument } = fault
  if (kind === 'slow') return { ...reply, delayMs: argument ?? 1000 }
  if (reply.status !== 200) return reply
  if (kind === 'lost') return silence()
  if (kind === 'hang') return silence(argument ?? 120_000)
  if (kind === 'cut') return { ...reply, manner: 'half' }
  if (kind === 'garbled') return { ...reply, body: reply.body.subarray(0, reply.body.length >> 1) }
  if (kind === 'empty200') return { ...reply, body: envelope(call.facts, [piece('null')]) }
  return reply
}
