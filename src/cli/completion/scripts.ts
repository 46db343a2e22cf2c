import type { Follows, Place } from './places.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The script that completes `lariat` in a shell. It runs nothing of lariat. */
export function completionScript(shell: Shell, places: readonly Place[]): string {
  return shell === 'bash' ? bash(places) : shell === 'zsh' ? zsh(places) : fish(places)
}

/** Answers of the functions that the scripts of bash and zsh share. */
function answer(follows: Follows): string {
  return typeof follows === 'string' ? follows : `words ${follows.filter((word) => !/\s/.test(word)).join(' ')}`
}

function cases(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([pattern, said]) => `    ${pattern}) echo '${said}' ;;`).join('\n')
}

/** `place option` → what follows the option; nothing for one that takes no value. */
function valueCases(places: readonly Place[]): string {
  return cases(
    places.flatMap(({ path, options }) =>
      options.flatMap(({ long, follows }) =>
        follows === undefined ? [] : [[`'${`${path} ${long}`.trim()}'`, answer(follows)] as const],
      ),
    ),
  )
}

function argumentCases(places: readonly Place[]): string {
  return cases(
    places.map(({ path, children, argument }) => [
      `'${path}'`,
      answer(children.length > 0 ? children.map(({ name }) => name) : argument),
    ]),
  )
}

const optionCases = (places: readonly Place[]) =>
  cases(places.map(({ path, options }) => [`'${path}'`, options.map(({ long }) => long).join(' ')]))

/** Functions of POSIX shells: what follows an option, what a place takes, where the typed words lead. */
function shared(places: readonly Place[]): string {
  return `_lariat_value() {
  case "$1" in
${valueCases(places)}
  esac
}
_lariat_argument() {
  case "$1" in
${argumentCases(places)}
  esac
}
_lariat_options() {
  case "$1" in
${optionCases(places)}
  esac
}
# prints where the words lead, a colon, and what the last of them wants as its value
_lariat_walk() {
  local place='' wants='' word
  for word in "$@"; do
    if [ -n "$wants" ]; then wants=''
    else
      case "$word" in
        -*) wants="$(_lariat_value "\${place:+$place }$word")" ;;
        *) case " $(_lariat_argument "$place") " in
          " words"*" $word "*) if [ -n "$(_lariat_options "\${place:+$place }$word")" ]; then place="\${place:+$place }$word"; fi ;;
        esac ;;
      esac
    fi
  done
  echo "$place:$wants"
}`
}

function bash(places: readonly Place[]): string {
  return `# Completion of lariat in bash: source <(lariat completion bash)
${shared(places)}
_lariat() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" walked place wants IFS=$' \\t\\n'
  walked="$(_lariat_walk "\${COMP_WORDS[@]:1:COMP_CWORD-1}")"
  place="\${walked%%:*}" wants="\${walked#*:}"
  COMPREPLY=()
  if [[ -z $wants && $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$(_lariat_options "$place")" -- "$cur"))
    return
  fi
  [[ -n $wants ]] || wants="$(_lariat_argument "$place")"
  case "$wants" in
    file | folder)
      local kind=-f IFS=$'\\n'
      [[ $wants == folder ]] && kind=-d
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen $kind -- "$cur"))
      ;;
    words*) COMPREPLY=($(compgen -W "\${wants#words}" -- "$cur")) ;;
  esac
}
complete -F _lariat lariat
`
}

function zsh(places: readonly Place[]): string {
  const described = cases(
    places
      .filter(({ children }) => children.length > 0)
      .map(({ path, children }) => [`'${path}'`, children.map(({ name, about }) => `${name}:${about}`).join('\n')]),
  )
  return `#compdef lariat
# Completion of lariat in zsh: a file _lariat in a folder of $fpath, or source <(lariat completion zsh) after compinit
${shared(places)}
_lariat_children() {
  case "$1" in
${described}
  esac
}
_lariat() {
  local walked place wants
  local -a found
  walked="$(_lariat_walk "\${(@)words[2,CURRENT-1]}")"
  place="\${walked%%:*}" wants="\${walked#*:}"
  if [[ -z $wants && $words[CURRENT] == -* ]]; then
    compadd -- \${=$(_lariat_options "$place")}
    return
  fi
  if [[ -z $wants ]]; then
    found=("\${(@f)$(_lariat_children "$place")}")
    if [[ -n "$found[1]" ]]; then
      _describe command found
      return
    fi
    wants="$(_lariat_argument "$place")"
  fi
  case "$wants" in
    file) _files ;;
    folder) _files -/ ;;
    words*) compadd -- \${=wants#words} ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _lariat "$@"; else compdef _lariat lariat; fi
`
}

function fish(places: readonly Place[]): string {
  const children = places
    .filter((place) => place.children.length > 0)
    .map(
      ({ path, children }) => `    case '${path}'\n      printf '%s\\n' ${children.map(({ name }) => name).join(' ')}`,
    )
  const rows = places.flatMap(({ path, children, options, argument }) => {
    const here = `complete -c lariat -n '__lariat_at "${path}"'`
    return [
      ...children.map(({ name, about }) => `${here} -a ${name} -d '${about}'`),
      ...options.map(({ long, about, follows }) => `${here} -l ${long.slice(2)}${takes(follows)} -d '${about}'`),
      ...(children.length > 0 || argument === 'none'
        ? []
        : [`${here}${takes(argument).replace(' -r', '').replace(' -x', ' -f')}`]),
    ]
  })
  return `# Completion of lariat in fish: lariat completion fish > ~/.config/fish/completions/lariat.fish
function __lariat_children
  switch "$argv[1]"
${children.join('\n')}
  end
end
function __lariat_place
  set -l place ''
  set -l words (commandline -opc)
  for word in $words[2..-1]
    if contains -- $word (__lariat_children "$place")
      set place (string trim -- "$place $word")
    end
  end
  echo $place
end
function __lariat_at
  test "$argv[1]" = (__lariat_place)""
end
complete -c lariat -f
${rows.join('\n')}
`
}

/** How fish completes a value. */
function takes(follows: Follows | undefined): string {
  if (follows === undefined) return ''
  if (follows === 'file') return ' -r -F'
  if (follows === 'folder') return ` -x -a '(__fish_complete_directories)'`
  return follows === 'none' ? ' -x' : ` -x -a '${follows.filter((word) => !/\s/.test(word)).join(' ')}'`
}
