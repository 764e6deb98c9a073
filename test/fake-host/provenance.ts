import type { ProvenanceCards } from '../../src-shared/provenance.ts'

/** Cards of runs that nobody trained. @param runs that they are said of; without any there is none */
export const provenanceOf = (runs: number): ProvenanceCards =>
  runs === 0
    ? {}
    : {
        'heldout.': {
          extractor: '',
          extractorHash: '',
          referenceSet: 'held-out pictures of emoji, fluent-3d (split by concept, share 0.1, seed 0)',
          referenceHash: 'a'.repeat(64),
          transform: '32 × 32 px, crop "cover", values −1 to 1',
          count: 340,
          unit: 'pictures',
          software: 'UniCode Workbench 0.1.0',
        },
      }
