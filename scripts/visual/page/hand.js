// Runs in the page of a story before everything else: chance is the same each time, and `visualHand` does what is asked.
;(() => {
  let seed = 1
  Math.random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647

  const storybook = () => globalThis.__STORYBOOK_PREVIEW__
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  globalThis.visualHand = {
    /** Goes on to another story without loading anything. */
    show(storyId) {
      localStorage.clear()
      storybook().channel.emit('setCurrentStory', { storyId, viewMode: 'story' })
    },

    /** How a story ended; nothing while it is still being drawn or played. */
    ending(storyId) {
      const render = storybook()?.currentRender
      if (render?.id !== storyId || !['finished', 'aborted', 'errored'].includes(render.phase)) return null
      // Where a play fails, its error is shown in the place of the story, which ends like any other.
      return document.body.classList.contains('sb-show-errordisplay') ? 'errored' : render.phase
    },

    wear(theme) {
      for (const one of document.querySelectorAll('[data-theme]')) one.dataset.theme = theme
    },

    /** Of the whole page, and at least of the screen; behind a dialog nobody scrolls. */
    height() {
      const hasDialog = document.querySelector('[role=dialog], [role=alertdialog]') !== null
      return hasDialog ? innerHeight : Math.max(innerHeight, document.documentElement.scrollHeight)
    },

    /** Resolves once nothing has changed for a moment, frames drawn meanwhile included. */
    async still() {
      await document.fonts.ready
      let hasChanged = false
      const watch = new MutationObserver(() => (hasChanged = true))
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
      // What counts seconds never comes to rest.
      const latest = performance.now() + 3_000
      do {
        hasChanged = false
        await frame()
        await frame()
        await new Promise((done) => setTimeout(done, 60))
        await frame()
      } while (hasChanged && performance.now() < latest)
      watch.disconnect()
    },
  }
})()
