import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InputError } from '../model/errors.js'
import { openAccount } from './account.js'
import type { Calls } from './account.js'
import { createAnswerKeep } from './answer-keep.js'
import { createAnswers } from './answers.js'
import { walkFrom } from './fewest-requests.js'
import type { FewestRequests } from './fewest-requests.js'
import { createLinks } from './links.js'
import { buildNetwork } from './network.js'
import { createObjects } from './objects.js'
import { readOptions } from './options.js'
import type { Settings, SimulatorOptions } from './options.js'
import type { Incoming, Reply } from './reply.js'
import { answerRequest } from './routes.js'
import type { House } from './routes.js'
import { createSigner } from './signatures.js'
import { truthOf, truthText } from './truth.js'
import type { Truth } from './truth.js'

/** A running local API. */
export interface Simulator {
  url: string
  port: number
  key: string
  /** All that exists. */
  truth(): Truth
  /** The fewest calls of a crawl from `feed`, `post:<id>` or `user:<id>`. */
  fewestRequests(seed?: string): FewestRequests
  /** What was asked so far. */
  calls(): Calls
  close(): Promise<void>
}

/** Starts the local API on 127.0.0.1; throws InputError for options that make no sense. */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const settings = readOptions(options)
  const network = buildNetwork(settings)
  const server = createServer()
  const port = await listen(server, settings.port)
  const origin = `http://127.0.0.1:${port}`
  const fewest = (seed: string): FewestRequests => {
    const { requests, by_endpoint } = walkFrom(network, settings, seed)
    return { requests, by_endpoint }
  }
  const house = furnish(settings, { network, origin, fewest })
  const close = serve(server, house)
  return {
    url: origin,
    port,
    key: settings.key,
    truth: () => truthOf(network, settings),
    fewestRequests: (seed = 'feed') => fewest(seed),
    calls: () => house.account.calls(),
    close,
  }
}

interface Furniture {
  network: House['network']
  origin: string
  fewest: (seed: string) => FewestRequests
}

function furnish(settings: Settings, { network, origin, fewest }: Furniture): House {
  const { clock } = settings
  const signer = createSigner(settings.seed, settings.mediaLifetimeMs)
  const links = createLinks(network, signer, { origin, clock })
  const objects = createObjects(network, links, { signer, clock })
  return {
    settings,
    network,
    signer,
    origin,
    account: openAccount(settings),
    answers: createAnswers({ network, settings, objects, links }),
    keep: createAnswerKeep(),
    truth: () => truthText(truthOf(network, settings)),
    fewestRequests: (seed) => JSON.stringify(fewest(seed)),
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(toPortTrouble(error, port)))
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

/** A port that is taken, or kept for others, is no fault of the program. */
function toPortTrouble(error: NodeJS.ErrnoException, port: number): Error {
  const problem = { EADDRINUSE: 'is in use', EACCES: 'may not be used by this user' }[
    error.code ?? ''
  ]
  if (problem === undefined) return error
  return new InputError(`simulator: port ${port} ${problem}; name another, or none for a free one`)
}

/** Answers requests until it is closed; gives back what closes it. */
function serve(server: Server, house: House): () => Promise<void> {
  const waiting = new Set<NodeJS.Timeout>()
  server.on('request', (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => response.destroy())
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const reply = answerRequest(house, incomingOf(request, Buffer.concat(chunks)))
      if (reply.delayMs === 0) return send(response, reply, request.method)
      const timer = setTimeout(() => {
        waiting.delete(timer)
        send(response, reply, request.method)
      }, reply.delayMs)
      waiting.add(timer)
    })
  })
  return () =>
    new Promise((resolve) => {
      for (const timer of waiting) clearTimeout(timer)
      server.close(() => resolve())
      server.closeAllConnections()
    })
}

function incomingOf(request: IncomingMessage, body: Buffer): Incoming {
  const target = request.url ?? '/'
  const cut = target.indexOf('?')
  return {
    method: request.method ?? 'GET',
    path: cut < 0 ? target : target.slice(0, cut),
    query: new URLSearchParams(cut < 0 ? '' : target.slice(cut + 1)),
    target,
    headers: request.headers,
    body,
  }
}

function send(response: ServerResponse, reply: Reply, method = 'GET'): void {
  if (reply.manner === 'nothing') {
    response.destroy()
    return
  }
  response.writeHead(reply.status, { ...reply.headers, 'content-length': reply.body.length })
  if (reply.manner === 'half') {
    response.write(reply.body.subarray(0, reply.body.length >> 1), () => response.destroy())
    return
  }
  response.end(method === 'HEAD' ? undefined : reply.body)
}
