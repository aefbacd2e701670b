import type { Endpoint, Parameter } from './endpoint.js'
import { InputError } from './errors.js'
import { postIdOfPermalink } from './ids.js'
import type { Params } from './page.js'

/**
 * The parameters of a call as they are sent, checked by the list of endpoints before a cent is spent.
 * @throws InputError that names everything that is wrong, and what the endpoint takes
 */
export function checkParams(endpoint: Endpoint, given: Readonly<Record<string, string>>): Params {
  const problems = [
    ...unknownNames(endpoint, given),
    ...endpoint.parameters.flatMap((parameter) => problemsOf(parameter, given[parameter.name])),
    ...missingChoices(endpoint, given),
    ...contradictions(given),
  ]
  if (problems.length > 0)
    throw new InputError(
      `${endpoint.name}: ${problems.join('; ')}. It takes ${describeParameters(endpoint)}. Nothing was sent`,
    )
  const told = Object.entries(given).filter(([, value]) => value !== '')
  return Object.fromEntries(told)
}

/** What an endpoint takes, in words. */
export const describeParameters = ({ parameters }: Endpoint): string =>
  parameters.length === 0 ? 'no parameters' : parameters.map(describe).join(', ')

function describe({ name, about, required, oneOf, default: usual }: Parameter): string {
  const need = required ? ', required' : oneOf === undefined ? '' : ', one of these'
  const unsent = usual === undefined ? '' : `, default ${usual}`
  return `${name} (${about.replace(/\.$/, '')}${need}${unsent})`
}

const unknownNames = (
  { parameters }: Endpoint,
  given: Readonly<Record<string, string>>,
): string[] =>
  Object.keys(given)
    .filter((name) => !parameters.some((each) => each.name === name))
    .map((name) => `there is no parameter ${name}`)

function problemsOf(parameter: Parameter, value = ''): string[] {
  const { name, required, pattern, isFit, maxLength, values } = parameter
  if (required && value.trim() === '') return [`${name} is missing`]
  if (value === '') return []
  if (pattern?.test(value) === false || isFit?.(value) === false)
    return [`${name} has another form than its own`]
  if (maxLength !== undefined && [...value].length > maxLength)
    return [`${name} is longer than ${maxLength} characters`]
  if (values !== undefined && !values.includes(value))
    return [`${name} is one of ${values.join(', ')}`]
  return []
}

function missingChoices(
  { parameters }: Endpoint,
  given: Readonly<Record<string, string>>,
): string[] {
  const groups = new Set(parameters.flatMap(({ oneOf }) => (oneOf === undefined ? [] : [oneOf])))
  return [...groups].flatMap((group) => {
    const names = parameters.filter(({ oneOf }) => oneOf === group).map(({ name }) => name)
    return names.some((name) => (given[name] ?? '') !== '')
      ? []
      : [`${names.join(' or ')} is missing`]
  })
}

/** Both names of a post may be sent, as TikHub's own examples do, but not those of two. */
function contradictions({ post_id, post_url }: Readonly<Record<string, string>>): string[] {
  const named = postIdOfPermalink(post_url ?? '')
  return named !== null && post_id && named !== post_id
    ? ['post_id and post_url name two posts']
    : []
}
