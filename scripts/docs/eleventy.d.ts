/** As much of Eleventy as the documentation uses; the package brings no types. */
declare module '@11ty/eleventy' {
  export interface EleventyConfig {
    addTemplate(path: string, content: string | ((data: unknown) => string), data?: object): void
    addGlobalData(name: string, value: unknown): void
    addPassthroughCopy(paths: Readonly<Record<string, string>>): void
    addTransform(name: string, transform: (this: { page: RenderedPage }, html: string) => string): void
    addWatchTarget(glob: string): void
    amendLibrary(name: 'md', change: (markdown: never) => void): void
    setTemplateFormats(formats: readonly string[]): void
    setUseGitIgnore(use: boolean): void
    ignores: { add(glob: string): void }
  }

  export interface RenderedPage {
    readonly inputPath: string
    readonly outputPath: string
    readonly url: string
  }

  export default class Eleventy {
    constructor(
      input: string,
      output: string,
      options: {
        quietMode?: boolean
        configPath?: string | null
        config: (config: EleventyConfig) => object
      },
    )
    write(): Promise<unknown>
    watch(): Promise<unknown>
    serve(port: number): Promise<unknown>
  }
}
