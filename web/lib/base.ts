/** Path below which the dashboard is served, without a slash at the end; empty at the root. */
export const basePath: string = document.documentElement.dataset.base ?? ''
