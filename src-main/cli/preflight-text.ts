import type { DeviceMemory, PreFlight, PreFlightElsewhere } from '../../src-shared/contract/plan.ts'
import { duration, table } from './table.ts'

/** The pre-flight check as a table, what is missing and what to look out for below it. */
export function preflightText(preflight: PreFlight, runs: number): string {
  const total = preflight.parameters.reduce((sum, { count }) => sum + (count ?? 0), 0)
  const partial = preflight.parameters.some(({ count }) => count === null)
  const minutes = (value: number | null) =>
    value === null ? 'not known yet: nothing has been measured here' : duration(value * 60)
  const facts: [string, string][] = [
    ...preflight.parameters.map(({ part, count }): [string, string] => [`parameters, ${part}`, grouped(count)]),
    [partial ? 'parameters, those known' : 'parameters, all', grouped(total)],
    [
      'codebook',
      preflight.codebookSize === null
        ? 'unknown'
        : `${grouped(preflight.codebookSize)} codes of width ${preflight.codeWidth}`,
    ],
    ['vocabulary', preflight.vocabulary === null ? 'unknown' : `${grouped(preflight.vocabulary)} tokens`],
    [
      'pictures',
      preflight.trainingPictures === null
        ? 'not known: the data set is not here'
        : `${grouped(preflight.trainingPictures)} for training, ${grouped(preflight.heldOutPictures)} held out`,
    ],
    ['steps an epoch', epochs(preflight)],
    [
      'visual tokens',
      `${grouped(preflight.tokensPerPicture)} a picture, ${grouped(preflight.tokensPerStep)} a step, ${grouped(preflight.tokensOfTraining)} in all`,
    ],
    ...preflight.work.map(({ part, gflop }): [string, string] => [`arithmetic of a step, ${part}`, gigaflop(gflop)]),
    ['arithmetic of a step', gigaflop(preflight.work.reduce((sum, { gflop }) => sum + gflop, 0))],
    ...preflight.memory.map(({ part, bytes }): [string, string] => [`memory, ${part}`, megabytes(bytes)]),
    ...(preflight.secondStage ? secondStageFacts(preflight.secondStage) : []),
    ['memory of one run', megabytes(preflight.memoryBytes)],
    ['time of one run', minutes(preflight.minutesPerRun)],
    ...(runs > 1 ? [['time of all runs', minutes(preflight.minutes)] as [string, string]] : []),
    ...(preflight.elsewhere ? elsewhereFacts(preflight.elsewhere, runs) : []),
  ]
  const notes = [
    ...preflight.missing.map(({ path, message, remedy }) => `- not here: ${path}: ${message} ${remedy}`),
    ...preflight.warnings.map(({ path, message, remedy }) => `! ${path}: ${message} ${remedy}`),
    ...preflight.advice.map(({ path, message }) => `  ${path}: ${message}`),
  ]
  return [table(['', 'estimate'], facts), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}

function elsewhereFacts(elsewhere: PreFlightElsewhere, runs: number): [string, string][] {
  const { devices, picturesPerDevice, hoursPerRun, hours, replicated, sharded } = elsewhere
  const memory = ({ bytes, fits, picturesThatFit }: DeviceMemory) => {
    if (fits === null || picturesThatFit === null) return megabytes(bytes)
    return `${megabytes(bytes)}, ${fits ? 'fits' : `does not fit; ${grouped(picturesThatFit)} pictures at once would`}`
  }
  const word = devices === 1 ? 'device' : 'devices'
  return [
    ['elsewhere', `${grouped(devices)} ${word}, ${grouped(picturesPerDevice)} pictures of a batch on each`],
    ['elsewhere, memory of each', memory(replicated)],
    ...(devices > 1 ? [['elsewhere, memory if sharded', memory(sharded)] as [string, string]] : []),
    ...(hoursPerRun === null ? [] : [['elsewhere, time of one run', hoursText(hoursPerRun)] as [string, string]]),
    ...(hours === null || runs === 1 ? [] : [['elsewhere, time of all runs', hoursText(hours)] as [string, string]]),
  ]
}

const hoursText = (hours: number): string => `${hours.toLocaleString('en-GB', { maximumSignificantDigits: 4 })} hours`

const epochs = ({ stepsPerEpoch, epochs: count }: PreFlight): string =>
  stepsPerEpoch === null || count === null
    ? 'not known: the data set is not here'
    : `${stepsPerEpoch.toLocaleString('en-GB', { maximumFractionDigits: 1 })}, ${count.toLocaleString('en-GB', { maximumSignificantDigits: 3 })} epochs`

const gigaflop = (value: number): string => `${value.toLocaleString('en-GB', { maximumSignificantDigits: 4 })} GFLOP`

const megabytes = (bytes: number): string => `${grouped(bytes / 1e6)} MB`

const grouped = (value: number | null): string =>
  value === null ? 'unknown' : Math.round(value).toLocaleString('en-GB')

/** What the second stage takes. */
const secondStageFacts = ({
  kind,
  steps,
  positions,
  gflop,
  memoryBytes,
}: NonNullable<PreFlight['secondStage']>): [string, string][] => [
  [stageName[kind], `${grouped(steps)} steps of ${about[kind]}${grouped(positions)} positions`],
  [`${stageName[kind]}, arithmetic of a step`, `${about[kind]}${gigaflop(gflop)}`],
  [`${stageName[kind]}, memory`, megabytes(memoryBytes)],
]
const stageName = { 'language model': 'second stage', prior: 'prior' }
/** Dialogues differ in length; a prior's pictures are all alike. */
const about = { 'language model': 'about ', prior: '' }
