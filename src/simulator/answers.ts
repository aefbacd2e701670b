import type { EndpointName } from '../model/endpoints.js'
import { downloadInfoJson } from './download-info-json.js'
import type { Failure } from './envelope.js'
import { nodeOf, nodeOfMaking, personOf } from './identity.js'
import type { Links } from './links.js'
import { isComment } from './network.js'
import type { Network } from './network.js'
import { isMarked, mark } from './marks.js'
import { piece } from './objects.js'
import type { Objects, Piece } from './objects.js'
import type { Settings } from './options.js'
import { createPagedAnswers, joined } from './paged-answers.js'
import { postParts } from './post-json.js'
import { refusals } from './refusals.js'
import { createTasks } from './tasks.js'
import { usernameOf } from './usernames.js'

/** What lies under `data`, or why there is none. */
export type Answer = Piece[] | Failure

/** Parameters of a call, and the instant it is answered at. */
export interface Question {
  params: Record<string, string>
  /** Milliseconds since 1970. */
  now: number
}

/** The answer of every endpoint. */
export type Answers = Record<EndpointName, (question: Question) => Answer>

interface Room {
  network: Network
  settings: Settings
  objects: Objects
  links: Links
}

/** Answers out of a network. */
export function createAnswers(room: Room): Answers {
  return { ...postAnswers(room), ...userAnswers(room), ...taskAnswers(room) }
}

type PostEndpoint =
  | 'get_feed'
  | 'get_post_detail'
  | 'get_post_remix_list'
  | 'get_post_comments'
  | 'get_comment_replies'
  | 'get_video_download_info'

const withReposter = piece(',"reposter_profile":null')

function postAnswers({ network, settings, objects, links }: Room): Pick<Answers, PostEndpoint> {
  const { list, tree } = createPagedAnswers(network, settings, objects)
  const post = (id: string): number => (id.startsWith('s_') ? nodeOf(network, id) : -1)
  const comment = (id: string): number => (id.startsWith('s_') ? -1 : nodeOf(network, id))
  const remix = settings.shape === 'native' ? wrapped(objects) : objects.post
  const detail = (node: number): Piece[] =>
    objects.wrapper(node, isMarked(network, node, mark.keys2026) ? withReposter : undefined)

  return {
    get_feed: (question) =>
      list('get_feed', { subject: 0, question, item: wrapped(objects), tellsMore: true }),
    get_post_detail: aboutPost(network, (node) => (node < 0 ? refusals.missing : detail(node))),
    get_post_remix_list: aboutPost(network, (subject, question) =>
      list('get_post_remix_list', { subject, question, item: remix }),
    ),
    get_post_comments: (question) =>
      tree('get_post_comments', post(question.params.post_id ?? ''), question),
    get_comment_replies: (question) =>
      tree('get_comment_replies', comment(question.params.comment_id ?? ''), question),
    get_video_download_info: aboutPost(network, (node) =>
      node < 0 ? refusals.missing : [piece(downloadInfoJson(network, links, node))],
    ),
  }
}

const wrapped =
  (objects: Objects) =>
  (node: number): Piece[] =>
    objects.wrapper(node)

/** Answers about the post of `post_id` or `post_url`: -1 where there is none. */
function aboutPost(network: Network, tell: (node: number, question: Question) => Answer) {
  return (question: Question): Answer => {
    const { post_id = '', post_url = '' } = question.params
    const asked = post_id || /s_[0-9a-f]+/.exec(post_url)?.[0]
    if (asked === undefined) return refusals.parameters
    return tell(asked.startsWith('s_') ? nodeOf(network, asked) : -1, question)
  }
}

type UserEndpoint =
  | 'get_user_profile'
  | 'get_user_posts'
  | 'get_user_cameo_appearances'
  | 'get_user_followers'
  | 'get_user_following'
  | 'get_cameo_leaderboard'
  | 'search_users'

function userAnswers({ network, settings, objects }: Room): Pick<Answers, UserEndpoint> {
  const { list } = createPagedAnswers(network, settings, objects)
  const isNative = settings.shape === 'native'
  const profile = isNative ? objects.profile : objects.documentedProfile
  const found = isNative ? objects.summary : objects.documentedProfile
  const asked = ({ params }: Question): number => personOf(network, params.user_id ?? '')
  const reposted = (node: number): Piece[] => objects.wrapper(node, withReposter)
  const of =
    (endpoint: UserList, item: (index: number) => Piece[]) =>
    (question: Question): Answer =>
      list(endpoint, { subject: asked(question), question, item, tellsMore: true })

  return {
    get_user_profile: (question) => {
      const person = asked(question)
      if (person < 0) return refusals.missing
      return [piece('{"profile":'), ...profile(person), piece('}')]
    },
    get_user_posts: of('get_user_posts', reposted),
    get_user_cameo_appearances: of('get_user_cameo_appearances', reposted),
    get_user_followers: of('get_user_followers', profile),
    get_user_following: of('get_user_following', profile),
    get_cameo_leaderboard: (question) =>
      list('get_cameo_leaderboard', { subject: 0, question, item: profile }),
    search_users: ({ params }) => {
      const people = searchPeople(network, (params.username ?? '').toLowerCase())
      const items = people.map((person) => objects.searchItem(person, found(person)))
      return [piece('{"items":['), ...joined(items), piece(']}')]
    },
  }
}

type UserList = Exclude<UserEndpoint, 'get_user_profile' | 'get_cameo_leaderboard' | 'search_users'>

const mostFound = 40

function searchPeople(network: Network, wanted: string): number[] {
  const found: number[] = []
  for (let person = 0; person < network.people.count && found.length < mostFound; person++) {
    if (usernameOf(network, person).includes(wanted)) found.push(person)
  }
  return found
}

type TaskEndpoint = Exclude<EndpointName, PostEndpoint | UserEndpoint>

function taskAnswers({ network, links }: Room): Pick<Answers, TaskEndpoint> {
  const tasks = createTasks(network, links)
  return {
    upload_image: tasks.upload,
    create_video: tasks.create,
    get_task_status: tasks.status,
    get_task_detail: ({ params, now }) => {
      const id = params.task_id || params.generation_id || ''
      if (id === '') return refusals.parameters
      const node = nodeOfMaking(network, id)
      if (node < 0 || isComment(network, node)) return refusals.missing
      const { head, tail } = postParts(network, links, { node, now, form: 'own' })
      return [piece(`{"post":${head}null${tail}}`)]
    },
  }
}
