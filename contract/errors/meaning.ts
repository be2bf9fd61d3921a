/** What one error code means: the HTTP status when it refuses a request, its title, and the way out. */
export interface ErrorMeaning {
  readonly status: number
  readonly title: string
  readonly fix: string
}

/** The codes of one feature. Titles are plain sentences without a full stop; fixes say what to do next. */
export type ErrorCatalogue = Readonly<Record<string, ErrorMeaning>>
