/** Where a network's weights come from, for provenance cards. */
export interface NetworkSource {
  /** What the network is called; never a name that belongs to another one's distance. */
  name: string
  file: string
  /** Of the files, one after the other. */
  sha256: string
}
