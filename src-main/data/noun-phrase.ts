/** English noun phrases of emoji labels: "a red apple", "an owl", "grapes", "the flag of Japan". */

const PERSONS = new Set(['man', 'woman', 'boy', 'girl', 'adult', 'child', 'person'])
/** Words that end the head of a phrase: "glass of milk" is one glass, "people with bunny ears" are people. */
const AFTER_HEAD = /^(with|without|of|in|on|under|over|for|from|at|to|and|not|showing|holding|lifting|blowing|getting)$/
const IRREGULAR_PLURALS = new Set(['people', 'men', 'women', 'children', 'skis', 'thumbs'])
const BEFORE_PLURALS = /^(no|two|hundred)$/
/** Heads that take no article: mass nouns, names, and signs named by an adjective. */
const WITHOUT_ARTICLE = new Set([
  ...['bread', 'flatbread', 'broccoli', 'garlic', 'butter', 'salt', 'bacon', 'popcorn', 'spaghetti', 'sushi', 'oden'],
  ...[
    'sake',
    'mate',
    'rice',
    'candy',
    'ice',
    'meat',
    'money',
    'luggage',
    'wood',
    'soap',
    'yarn',
    'coral',
    'dna',
    'poo',
  ],
  ...[
    'fire',
    'fog',
    'water',
    'tennis',
    'bowling',
    'lacrosse',
    'badminton',
    'camping',
    'cooking',
    'construction',
    'hair',
  ],
  ...[
    'polish',
    'pong',
    'racing',
    'hockey',
    'arts',
    'customs',
    'infinity',
    'multiply',
    'divide',
    'plus',
    'minus',
    'fuji',
  ],
  ...['claus', 'aries', 'taurus', 'gemini', 'cancer', 'leo', 'virgo', 'libra', 'scorpio', 'sagittarius', 'capricorn'],
  ...[
    'aquarius',
    'pisces',
    'ophiuchus',
    'zzz',
    'foggy',
    'bald',
    'dizzy',
    'locked',
    'unlocked',
    'prohibited',
    'wireless',
  ],
  ...['radioactive', 'registered', "o'clock", 'thirty', 'crossbones'],
])
const WITH_THE = /^(Statue of Liberty|Tokyo tower|kaaba)$/
/** Spelled with a vowel, spoken without one. */
const SPOKEN_CONSONANT = /^(uni(?!m)|us[ae]|ut[aeiou]|eu|ew|one\b)/i
/** Spelled with a consonant, spoken with a vowel. */
const SPOKEN_VOWEL = /^(hour|heir|honest|x-ray|8|11\b|18\b|(SOS|NG|ATM)\b)/

/** The label with the article it is spoken with; plurals, names and mass nouns go without. */
export function nounPhrase(label: string): string {
  const plain = label.replaceAll('’', "'")
  const [head, details] = splitOnce(plain, ': ')
  if (details === undefined) return withArticle(plain)
  if (head === 'flag') return `the flag of ${details}`
  if (head === 'keycap') return withArticle(`keycap ${details}`)
  return `${withArticle(head)}${describeDetails(details.split(', '))}`
}

/** "a", "an" or no article before a phrase without a colon. */
export function withArticle(phrase: string): string {
  if (WITH_THE.test(phrase)) return `the ${phrase}`
  const words = phrase.split(' ')
  const end = words.findIndex((word, at) => at > 0 && AFTER_HEAD.test(word))
  const noun = (words.slice(0, end === -1 ? undefined : end).at(-1) as string).toLowerCase()
  const lastPart = noun.split('-').at(-1) as string
  if (WITHOUT_ARTICLE.has(noun) || WITHOUT_ARTICLE.has(lastPart) || isPlural(words[0] as string, noun)) return phrase
  const vowel = SPOKEN_VOWEL.test(phrase) || (/^[aeiou]/i.test(phrase) && !SPOKEN_CONSONANT.test(phrase))
  return `${vowel ? 'an' : 'a'} ${phrase}`
}

const isPlural = (first: string, noun: string): boolean =>
  IRREGULAR_PLURALS.has(noun) ||
  IRREGULAR_PLURALS.has(first) ||
  BEFORE_PLURALS.test(first.toLowerCase()) ||
  (/s$/.test(noun) && !/(ss|us|is|os)$/.test(noun))

/** " of a man and a boy", " with light skin tone and beard", " facing right" */
function describeDetails(details: string[]): string {
  const persons = details.filter((detail) => PERSONS.has(detail))
  const manner = details.filter((detail) => detail.startsWith('facing '))
  const features = details.filter((detail) => !persons.includes(detail) && !manner.includes(detail))
  return [
    ...manner.map((words) => ` ${words}`),
    ...(persons.length > 0 ? [` of ${enumerate(persons.map(withArticle))}`] : []),
    ...(features.length > 0 ? [` with ${enumerate(features.map((f) => (f === 'bald' ? 'a bald head' : f)))}`] : []),
  ].join('')
}

const enumerate = (parts: string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}
