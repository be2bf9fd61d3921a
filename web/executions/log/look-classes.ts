import type { Look } from './ansi.ts'

// Written out, because styles are made for the names that are found in the sources.
const colours = [
  'text-(--ansi-0)',
  'text-(--ansi-1)',
  'text-(--ansi-2)',
  'text-(--ansi-3)',
  'text-(--ansi-4)',
  'text-(--ansi-5)',
  'text-(--ansi-6)',
  'text-(--ansi-7)',
  'text-(--ansi-8)',
  'text-(--ansi-9)',
  'text-(--ansi-10)',
  'text-(--ansi-11)',
  'text-(--ansi-12)',
  'text-(--ansi-13)',
  'text-(--ansi-14)',
  'text-(--ansi-15)',
]
const grounds = [
  'bg-(--ansi-0)/18',
  'bg-(--ansi-1)/18',
  'bg-(--ansi-2)/18',
  'bg-(--ansi-3)/18',
  'bg-(--ansi-4)/18',
  'bg-(--ansi-5)/18',
  'bg-(--ansi-6)/18',
  'bg-(--ansi-7)/18',
  'bg-(--ansi-8)/18',
  'bg-(--ansi-9)/18',
  'bg-(--ansi-10)/18',
  'bg-(--ansi-11)/18',
  'bg-(--ansi-12)/18',
  'bg-(--ansi-13)/18',
  'bg-(--ansi-14)/18',
  'bg-(--ansi-15)/18',
]

/**
 * The classes of a look. A coloured ground is a tint below text of the normal colour: pairs that a program chose for
 * its own terminal need not be readable here.
 */
export function classesOf({ colour, ground, inverse, ...is }: Look): string {
  const under = inverse ? (colour ?? 7) : ground
  return [
    under === null ? (colour === null ? '' : colours[colour]) : `text-foreground ${grounds[under] ?? ''}`,
    is.bold && 'font-bold',
    is.dim && under === null && colour === null && 'text-muted-foreground',
    is.italic && 'italic',
    is.underline && 'underline',
    is.strike && 'line-through',
  ]
    .filter(Boolean)
    .join(' ')
}
