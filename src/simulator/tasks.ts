import { videoParts } from './attachment-json.js'
import type { Answer, Question } from './answers.js'
import { generatedAt, generationIdOf, hexDigits, indexOfUlid, nodeOfMaking } from './identity.js'
import { timeOfUlid, ulid } from './identity.js'
import type { Links } from './links.js'
import { hasVideo } from './network.js'
import type { Network } from './network.js'
import { piece } from './objects.js'
import { secondsText } from './profile-json.js'
import { refusals } from './refusals.js'
import { textOf } from './texts.js'

const quote = JSON.stringify

/** Tasks that were started here have these salts in their ids. */
const startedSalt = 0x6e6577
const mediaSalt = 0x6d6564

/** The endpoints that make videos. */
export interface Tasks {
  upload(question: Question): Answer
  create(question: Question): Answer
  status(question: Question): Answer
}

/** Answers about uploads and tasks: those that made the network's videos, and new ones. */
export function createTasks(network: Network, links: Links): Tasks {
  let started = 0
  let uploaded = 0
  return {
    upload({ now }) {
      const id = `media_${ulid(network.seed ^ mediaSalt, uploaded++, now)}`
      return [piece(uploadJson(network, { id, now, origin: links.origin }))]
    },
    create({ now }) {
      const id = `task_${ulid(network.seed ^ startedSalt, started++, now)}`
      return [piece(`{"id":"${id}","priority":1}`)]
    },
    status({ params, now }) {
      const id = params.task_id ?? ''
      const node = nodeOfMaking(network, id)
      if (node >= 0 && hasVideo(network, node)) {
        return [piece(finishedJson(network, links, { id, node }))]
      }
      const number = indexOfUlid(network.seed ^ startedSalt, id)
      const isOurs =
        id === `task_${ulid(network.seed ^ startedSalt, number, timeOfUlid(id.slice(5)))}`
      return isOurs ? [piece(startedJson({ id, number, now }))] : refusals.missing
    },
  }
}

function finishedJson(
  network: Network,
  links: Links,
  { id, node }: { id: string; node: number },
): string {
  const prompt = quote(textOf(network, node).text)
  const parts = videoParts(network, links, node)
  const generation =
    `{"id":"${generationIdOf(network, node)}","kind":"sora_draft","url":"${parts.url}",` +
    `"downloadable_url":${quote(parts.downloadableUrl)},` +
    `"download_urls":{"watermark":${quote(parts.downloadableUrl)},"no_watermark":null,"endcard_watermark":null},` +
    `"width":${parts.width},"height":${parts.height},"generation_type":"video_gen",` +
    `"created_at":${secondsText(generatedAt(network, node) * 1000)},"prompt":${prompt},` +
    `"title":null,"encodings":${parts.encodings},"task_id":"${id}"}`
  return (
    `{"id":"${id}","status":"succeeded","prompt":${prompt},"title":null,"progress_pct":1.0,` +
    `"generations":[${generation}]}`
  )
}

/** A new task waits 30 s, then works for 90 s; every fifth fails. */
function startedJson({ id, number, now }: { id: string; number: number; now: number }): string {
  const ageMs = now - timeOfUlid(id.slice(5))
  const start = `{"id":"${id}","status":`
  if (ageMs < 30_000) return `${start}"queued","prompt":"","title":null,"progress_pct":0.0}`
  if (ageMs < 120_000) {
    const progress = (ageMs / 120_000).toFixed(2)
    return `${start}"processing","prompt":"","title":null,"progress_pct":${progress}}`
  }
  if (number % 5 === 4) {
    return `${start}"failed","prompt":"","title":null,"progress_pct":null,"failure_reason":null,"generations":[]}`
  }
  return `${start}"succeeded","prompt":"","title":null,"progress_pct":1.0,"generations":[]}`
}

function uploadJson(
  network: Network,
  { id, now, origin }: { id: string; now: number; origin: string },
): string {
  const folder = hexDigits(network.seed, now | 0, { salt: 161, digits: 40 })
  const url = `${origin}/vg-assets/assets%2Fclient_upload%2Fmedia%2F${folder}%2F${id}`
  const createdAt = new Date(now).toISOString().replace('Z', '000Z')
  return (
    `{"id":"${id}","type":"image","created_at":"${createdAt}","filename":"picture.jpeg",` +
    `"extension":"jpeg","mime_type":"image/jpeg","url":"${url}.jpeg","width":460,"height":460,` +
    `"duration_sec":null,"n_frames":1,"size_bytes":51902,"thumbnail_url":"${url}.jpg"}`
  )
}
