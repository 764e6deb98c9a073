import { type ClassValue, clsx } from 'clsx'
import { extendTailwindMerge } from 'tailwind-merge'

// tailwind-merge would take the project's own text sizes for colours and drop them.
const merge = extendTailwindMerge({
  extend: { classGroups: { 'font-size': [{ text: ['2xs', 'xs', 'sm', 'base', 'lg', 'xl', '2xl'] }] } },
})

/** Joins class names; of two that set the same property the later wins. */
export const cn = (...values: ClassValue[]): string => merge(clsx(values))
