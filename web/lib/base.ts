/** Path below which the dashboard is served, without a slash at the end; empty at the root. */
export const basePath: string = document.documentElement.dataset.base ?? ''

/** The build that this page is of; empty in development. */
export const buildOfPage: string = document.documentElement.dataset.build ?? ''
