import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { checkParams, describeParameters } from '../model/check-params.js'
import type { Endpoint } from '../model/endpoint.js'
import { endpoints, findEndpoint, type EndpointName } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import type { Params } from '../model/page.js'
import { fullPriceOf, type Prices } from '../model/prices.js'
import { toColumns } from './terminal.js'

/** A call that may be sent. */
export interface CheckedCall {
  endpoint: Endpoint & { name: EndpointName }
  params: Params
  file: File | undefined
}

/** All endpoints, with prices and parameters. */
export function listEndpoints(perCall: NonNullable<Prices['perCall']>): {
  rows: object[]
  text: string
} {
  const prices = { perCall }
  const rows = endpoints.map((each: Endpoint) => ({
    endpoint: each.name,
    price_usd: fullPriceOf(prices, each.name as EndpointName),
    about: each.about,
    parameters: each.parameters.map(({ name }) => name),
    deprecated: each.deprecated ?? false,
  }))
  const lines = endpoints.map((each: Endpoint) => [
    each.name,
    `$${fullPriceOf(prices, each.name as EndpointName)}`,
    `${each.about}${each.deprecated ? ' Deprecated.' : ''} Takes ${describeParameters(each)}.`,
  ])
  return { rows, text: toColumns(lines) }
}

/**
 * A call by its words.
 * @throws InputError if the endpoint or its parameters are wrong; nothing was sent
 */
export async function toCall(name: string, words: readonly string[]): Promise<CheckedCall> {
  const endpoint = findEndpoint(name)
  if (endpoint === undefined)
    throw new InputError(
      `there is no endpoint ${name}; there are ${endpoints.map((each) => each.name).join(', ')}`,
    )
  const pairs = words.map(toPair)
  const twice = pairs.find(([name], index) => pairs.findIndex((each) => each[0] === name) < index)
  if (twice) throw new InputError(`${twice[0]} is given twice. Nothing was sent`)
  const params = checkParams(endpoint, Object.fromEntries(pairs))
  const path = endpoint.parameters.find((each) => each.in === 'file')?.name
  const file = path === undefined ? undefined : await readPicture(params[path]!)
  return { endpoint: endpoint as CheckedCall['endpoint'], params, file }
}

function toPair(word: string): [string, string] {
  const cut = word.indexOf('=')
  if (cut < 1) throw new InputError(`${word} is no name=value. Nothing was sent`)
  return [word.slice(0, cut), word.slice(cut + 1)]
}

const pictures: readonly [type: string, begin: readonly number[]][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
]
const largestPictureBytes = 10 * 1024 * 1024

/** A picture as TikHub takes it (PNG or JPEG, 10 MB: `endpoints.json`). */
async function readPicture(path: string): Promise<File> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new InputError(`file=${path} cannot be read: ${(error as Error).message}`)
  }
  const type = pictures.find(([, begin]) => begin.every((byte, at) => bytes[at] === byte))?.[0]
  if (type === undefined) throw new InputError(`file=${path} is neither PNG nor JPEG`)
  if (bytes.length > largestPictureBytes) throw new InputError(`file=${path} is larger than 10 MB`)
  return new File([new Uint8Array(bytes)], basename(path), { type })
}
