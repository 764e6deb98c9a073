/** How pictures are brought to the size of an extractor's input; what each does is said in docs/evaluation.md. */
export const resizingNames = ['tf1', 'half-pixel', 'clean', 'clip', 'imagenet', 'plain'] as const
export type ResizingName = (typeof resizingNames)[number]
