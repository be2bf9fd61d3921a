/** The mark of the product; drawn here so that it is there with the first paint. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-primary" />
      <path
        d="M21.5 12.2a6.2 6.2 0 1 0 0 7.6"
        fill="none"
        strokeWidth="3"
        strokeLinecap="round"
        className="stroke-primary-foreground"
      />
      <circle cx="23" cy="16" r="1.9" className="fill-primary-foreground" />
    </svg>
  )
}
