import type { Dataset } from './dataset.js'
import { shownOfPeople } from './words.js'

/** What no crawl and no count tells, each with a box to tick, and where answers to it come from. */
export function toQuestions({ naming, license, options, at }: Dataset): string {
  const questions = [
    ...(license === null ? ['Which licence?'] : []),
    ...(naming.creators.length === 0 ? ['Who made it, and who answers for it?'] : []),
    ...(naming.url === null ? ['Where is it published?'] : []),
    ...(at === null ? [] : [whenPublished]),
    ...(options.profile === 'full'
      ? []
      : ['Who holds the key of the pseudonyms, and until when is it kept?']),
    `On what grounds are ${shownOfPeople[options.profile]} published, and how can they ask to be left out?`,
    'Was it reviewed by an ethics board, and what did it say?',
  ]
  return `## Open questions\n\n${naming.notes === null ? unanswered : answered}\n\n${questions.map((each) => `- [ ] ${each}`).join('\n')}`
}

const unanswered =
  'No crawl and no count tells these. `export --append --notes FILE` puts answers into this card.'

const answered =
  'No crawl and no count tells these. What its makers say stands [below](#from-its-makers).'

/** No file holds a clock, so the day of publishing is nowhere. */
const whenPublished =
  'When is it published? `CITATION.cff` and `croissant.json` name the day of its newest answer.'
