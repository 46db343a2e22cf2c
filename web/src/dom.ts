type Child = Node | string | number | undefined | false
type Props = Readonly<Record<string, string | number | boolean | undefined>>

/** An element with attributes and children; what is undefined or false is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  set(element, props)
  element.append(...nodes(children))
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

export function svg(tag: string, props: Props = {}, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag)
  set(element, props)
  element.append(...nodes(children))
  return element
}

function set(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
}

function nodes(children: readonly Child[]): (Node | string)[] {
  return children
    .filter((child): child is Node | string | number => child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)))
}

/** The element of the page with that id. @throws when the page has none */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element as T
}

export function bodyOf(section: string): HTMLElement {
  return byId(section).querySelector<HTMLElement>('.body') ?? byId(section)
}

/** Sets the text when it is another one, so that nothing is drawn or read out for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export interface Table {
  readonly element: HTMLElement
  rows(rows: readonly (readonly Child[])[]): void
}

/** A table with a caption for screen readers; the first cell of a row is its header. It scrolls by itself where it is too wide. */
export function table(caption: string, columns: readonly string[], numeric: readonly number[] = []): Table {
  const body = h('tbody')
  const kind = (column: number) => (numeric.includes(column) ? 'number' : undefined)
  const head = h('tr', {}, ...columns.map((name, i) => h('th', { scope: 'col', class: kind(i) }, name)))
  const element = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, head), body),
  )
  return {
    element,
    rows(rows) {
      body.replaceChildren(
        ...rows.map((cells) =>
          h(
            'tr',
            {},
            ...cells.map((cell, i) => (i === 0 ? h('th', { scope: 'row' }, cell) : h('td', { class: kind(i) }, cell))),
          ),
        ),
      )
    },
  }
}

/** A word with a colour; the word says it, too. */
export function badge(kind: 'ok' | 'warn' | 'fail' | 'plain', text: string): HTMLElement {
  return h('span', { class: `badge ${kind}` }, text)
}

/** A long id that is shown short and told whole. */
export function id(text: string, shown: string): HTMLElement {
  return h('span', { class: 'mono', title: text }, shown)
}
