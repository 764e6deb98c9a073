/** Every number a run records, with the definition that is shown where the number is shown. */
export interface MetricDefinition {
  label: string
  unit: string
  definition: string
  better: 'lower' | 'higher' | 'none'
  /** The metric that this one says how sure is; it is shown with that one. */
  about?: string
  group: 'reconstruction' | 'adversarial' | 'language' | 'multimodal' | 'codebook' | 'drift' | 'speed'
}
