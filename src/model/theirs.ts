import { isCommentId, isGenerationId, isPostId, isTaskId, isUserId } from './ids.js'
import { plainHandle, plainId, type Forgotten, type ForgottenKind } from './forgotten-names.js'
import { isWire, type Wire } from './reading.js'

/** An id or handle that an answer shows to be theirs. */
export interface Learned {
  kind: ForgottenKind | 'handle'
  name: string
}

/** What is theirs in one answer: what is known to be, and what the answer itself shows to be. */
export class Theirs implements Forgotten {
  private readonly found = new Map<string, Learned>()

  /** @param isTheirList posts that name no author are theirs: it is the list of their posts */
  constructor(
    private readonly forgotten: Forgotten,
    private readonly isTheirList: boolean,
  ) {}

  kindOf(id: string): ForgottenKind | null {
    const learned = this.found.get(`id ${plainId(id)}`)
    return (learned?.kind as ForgottenKind | undefined) ?? this.forgotten.kindOf(id)
  }

  isHandle(name: string): boolean {
    return this.found.has(`handle ${plainHandle(name)}`) || this.forgotten.isHandle(name)
  }

  tagOf(id: string, list: string): string {
    return this.forgotten.tagOf(id, list)
  }

  /** Everything that was not known before. */
  get learned(): Learned[] {
    return [...this.found.values()]
  }

  /** The id of a person, post, comment, draft or task that is theirs; NULL for what is others'. */
  idOf(value: Wire): string | null {
    return this.postIn(value)?.id ?? this.personIn(value) ?? this.thingIn(value)
  }

  /** The post or comment that an object is, or is a wrapper of, if it is theirs. */
  postIn(value: Wire): { id: string; kind: ForgottenKind } | null {
    if (isWire(value['post'])) return this.post(value['post'], value['profile'])
    return 'post' in value && value['post'] !== null ? null : this.post(value, value['profile'])
  }

  private post(post: Wire, profile: unknown): { id: string; kind: ForgottenKind } | null {
    const id = [post['id'], post['post_id']].find((each) => isPostId(each) || isCommentId(each))
    if (typeof id !== 'string') return null
    const kind =
      this.kindOf(id) ?? this.kindByHome(id, post) ?? this.kindByAuthor(id, post, profile)
    return kind === null ? null : { id, kind }
  }

  /** What hangs below a post that is forgotten is so too; a remix of that post is another's home. */
  private kindByHome(id: string, post: Wire): ForgottenKind | null {
    if (!isCommentId(id)) return null
    const path = post['parent_path']
    const parents = [post['parent_post_id'], ...(Array.isArray(path) ? (path as unknown[]) : [])]
    const home = parents.findIndex(isPostId)
    const upToHome = home < 0 ? parents : parents.slice(0, home + 1)
    return upToHome.some((each) => this.isOf(each, 'post')) ? 'post' : null
  }

  private kindByAuthor(id: string, post: Wire, profile: unknown): ForgottenKind | null {
    const author = post['shared_by'] ?? post['posted_by']
    const profiles = [author, profile, post['profile'], post['author']].filter(isWire)
    const isTheirs =
      typeof author === 'string'
        ? this.isOf(author, 'user')
        : profiles.length === 0
          ? this.isTheirList
          : profiles.some((each) => this.personIn(each) !== null)
    return !isTheirs ? null : isPostId(id) ? 'post' : 'comment'
  }

  /** Where an id is told it decides; a character belongs to the person that its profile names. */
  private personIn(value: Wire): string | null {
    const { user_id: id, username, owner_profile: owner, profile } = value
    if (isUserId(id)) {
      const isOwned = isWire(owner) && this.personIn(owner) !== null
      return isOwned || this.isOf(id, 'user') ? id : null
    }
    if (typeof username === 'string') return this.isHandle(username) ? username : null
    return isWire(profile) && !('post' in value) ? this.personIn(profile) : null
  }

  /** A draft, a task, or a video: by its own id, or as what became a post of theirs. */
  private thingIn(value: Wire): string | null {
    const ids = [value['id'], value['generation_id'], value['task_id']]
    const known = ids.find((each) => this.isOf(each, 'thing'))
    if (typeof known === 'string') return known
    const [id] = ids
    const { post } = value
    return isGenerationId(id) && isWire(post) && this.postIn(post) !== null ? id : null
  }

  private isOf(id: unknown, kind: ForgottenKind): boolean {
    return typeof id === 'string' && this.kindOf(id) === kind
  }

  /**
   * Learns what an object that is theirs tells of them; what stands below a post of theirs is learned as
   * hanging under it. @returns true if what is in it hangs below such a post
   */
  learnFrom(value: Wire, isBelow: boolean): boolean {
    const inside = isWire(value['post']) ? value['post'] : value
    if (isBelow && isCommentId(inside['id'])) this.learn('post', inside['id'])
    const post = this.postIn(value)
    if (post !== null) {
      this.learn(post.kind, post.id)
      const files = inside['attachments']
      for (const each of Array.isArray(files) ? (files as unknown[]) : []) this.learnThings(each)
    }
    const person = this.personIn(value)
    if (person !== null) this.learnPerson(isWire(value['profile']) ? value['profile'] : value)
    if (this.thingIn(value) !== null) this.learnThings(value)
    return isBelow || post?.kind === 'post'
  }

  private learnPerson(profile: Wire): void {
    const { user_id: id, username } = profile
    if (isUserId(id)) this.learn('user', id)
    if (isUserId(id) && typeof username === 'string' && username.length > 1)
      this.learn('handle', plainHandle(username))
  }

  private learnThings(value: unknown): void {
    if (!isWire(value)) return
    for (const id of [value['id'], value['generation_id'], value['task_id']])
      if (isTaskId(id) || isGenerationId(id)) this.learn('thing', id)
  }

  private learn(kind: Learned['kind'], name: string): void {
    const isKnown = kind === 'handle' ? this.isHandle(name) : this.kindOf(name) !== null
    if (isKnown) return
    this.found.set(kind === 'handle' ? `handle ${name}` : `id ${plainId(name)}`, { kind, name })
  }
}
