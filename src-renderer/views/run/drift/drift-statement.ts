/** Mean drift of a codebook from its language model, over all codes and over those in use. */
export interface DriftSummary {
  codes: number
  used: number
  cosine: number
  distance: number
  /** null if no code is used. */
  usedCosine: number | null
  usedDistance: number | null
}

/**
 * @param cosine [K] cosine of each code to its LLM row
 * @param distance [K] |c − l| / |l|
 * @param usage [K] hits
 */
export function driftSummary(
  cosine: ArrayLike<number>,
  distance: ArrayLike<number>,
  usage: ArrayLike<number>,
): DriftSummary {
  let cosines = 0
  let distances = 0
  let usedCosines = 0
  let usedDistances = 0
  let used = 0
  for (let code = 0; code < cosine.length; code++) {
    cosines += cosine[code] as number
    distances += distance[code] as number
    if ((usage[code] as number) > 0) {
      used++
      usedCosines += cosine[code] as number
      usedDistances += distance[code] as number
    }
  }
  const codes = cosine.length
  return {
    codes,
    used,
    cosine: cosines / codes,
    distance: distances / codes,
    usedCosine: used === 0 ? null : usedCosines / used,
    usedDistance: used === 0 ? null : usedDistances / used,
  }
}

/** What the drift means, in one sentence for people. The bounds are a reading aid, not a test. */
export function driftStatement(summary: DriftSummary): string {
  const { used, usedCosine, cosine } = summary
  if (usedCosine === null)
    return 'No code is used by the held-out pictures at this step, so the drift says nothing yet.'
  const says = `Mean cosine of the ${used.toLocaleString('en-US')} used codes to their LLM rows: ${usedCosine.toFixed(2)}`
  if (usedCosine > 0.995) return `${says}. The codebook is the LLM’s embedding table: fully unified.`
  if (usedCosine > 0.8) return `${says}. Visual codes stay close to their tokens: the codebook is unified.`
  if (usedCosine > 0.4)
    return `${says}. Visual codes have moved away from their tokens but still lean towards them: partly unified.`
  const rest = cosine > 0.8 ? ` Unused codes (mean over all ${cosine.toFixed(2)}) hide this in the overall mean.` : ''
  return `${says}. The codebook is unified in name only.${rest}`
}
