interface PaletteProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

/** Not there yet. */
export function Palette(_props: PaletteProps) {
  return null
}
