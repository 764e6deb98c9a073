export type YesNo = 'yes' | 'no'

/**
 * Reads an answer as POPE's published scoring does: "No", "no" or "not" as a word of the first sentence is no, all else yes.
 * Words are what single spaces part, once commas are gone: "NO", "no!" and an empty answer are yes.
 */
export function readYesNo(answer: string): YesNo {
  const [sentence = ''] = answer.split('.', 1)
  const said = sentence.replaceAll(',', '').split(' ')
  return said.includes('No') || said.includes('no') || said.includes('not') ? 'no' : 'yes'
}

/** Anything but "no" is a yes. */
export const readLabel = (label: string): YesNo => (label === 'no' ? 'no' : 'yes')

export interface YesNoCounts {
  truePositives: number
  falsePositives: number
  trueNegatives: number
  falseNegatives: number
}

/** "yes" is the positive class. */
export function countYesNo(answers: readonly { read: YesNo; label: YesNo }[]): YesNoCounts {
  const count = (read: YesNo, label: YesNo) =>
    answers.filter((answer) => answer.read === read && answer.label === label).length
  return {
    truePositives: count('yes', 'yes'),
    falsePositives: count('yes', 'no'),
    trueNegatives: count('no', 'no'),
    falseNegatives: count('no', 'yes'),
  }
}

/** Shares, 0 to 1. A precision, recall or F1 that has nothing to be measured on is 0, where the published code stops. */
export function yesNoMetrics({ truePositives, falsePositives, trueNegatives, falseNegatives }: YesNoCounts) {
  const all = truePositives + falsePositives + trueNegatives + falseNegatives
  const precision = share(truePositives, truePositives + falsePositives)
  const recall = share(truePositives, truePositives + falseNegatives)
  return {
    accuracy: share(truePositives + trueNegatives, all),
    precision,
    recall,
    f1: share(2 * precision * recall, precision + recall),
    yesRatio: share(truePositives + falsePositives, all),
  }
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
