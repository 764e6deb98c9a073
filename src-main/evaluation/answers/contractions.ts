/** What the tables of the published answer processors write with apostrophes, in small letters. */
const WRITTEN = `
ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've he's how'd
how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock oughtn't
'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've
someone'll someone's something'd something'd've something'll that's there'd there'd've there're there's they'd they'd've
they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd where's where've
who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd
you'd've you'll you're you've`
  .trim()
  .split(/\s+/)

const [STRAIGHT, CURLY] = ["'", '’']

/** Each is found by itself with one of its apostrophes left out: "couldn'tve" and "couldnt've" become "couldn't've". */
function withoutOne(written: string, apostrophe: string): [found: string, written: string][] {
  return [...written].flatMap((character, at) =>
    character === apostrophe ? [[written.slice(0, at) + written.slice(at + 1), written]] : [],
  )
}

/**
 * The table of the VQA tools and of the EvalAI processor. Its entries that begin with a capital are left out: words are
 * looked up in small letters, so they never match. One entry takes an apostrophe away.
 */
export const contractions: ReadonlyMap<string, string> = new Map([
  ...WRITTEN.flatMap((written) => withoutOne(written, STRAIGHT)),
  ["somebody'd", 'somebodyd'],
])

/** What VizWiz's copy of the table kept straight. */
const KEPT_STRAIGHT = new Set(["ain't", "aren't", "can't", "could've", "couldn't", "we've", "where's", "who've"])
/** What it finds by a straight apostrophe and writes with curly ones. */
const FOUND_STRAIGHT = ["couldn'tve", "hadn'tve"]

const curly = (text: string): string => text.replaceAll(STRAIGHT, CURLY)

/** The table of the VizWiz tools, whose apostrophes mostly became curly, in what is looked up as well. */
export const vizwizContractions: ReadonlyMap<string, string> = new Map(
  [...contractions].map(([found, written]) => {
    if (KEPT_STRAIGHT.has(written)) return [found, written]
    if (FOUND_STRAIGHT.includes(found)) return [found, curly(written)]
    return [curly(found), curly(written)]
  }),
)
