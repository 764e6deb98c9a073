/** Mean of code indices: what encoders and nearest-code searches are compared by. */
export const mean = (values: Int32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
