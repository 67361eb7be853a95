// `vxlane completion`: scripts that teach a shell the commands and options. Generated from the very tree of commands that parses the
// command line, so they know what this version knows; files complete as they always do.
import { Argument, type Command } from '@commander-js/extra-typings'
import { SETS } from '../bench/select.js'
import { SUITE } from '../bench/suite.js'
import { exampleNames } from './examples.js'

/** One command as a shell needs it. */
interface Words {
  readonly name: string
  readonly summary: string
  readonly options: readonly { readonly flag: string; readonly about: string }[]
  /** Words that stand for themselves; files where there are none. */
  readonly words: readonly string[]
}

/** Names that a command knows when it is called. */
const NAMES: Readonly<Record<string, () => string[]>> = {
  examples: exampleNames,
  bench: () => [...Object.keys(SETS), ...SUITE.map(({ name }) => name)],
}

function wordsOf(program: Command): Words[] {
  const built = program.commands.filter(command => !command.summary().includes('not supported yet'))
  return built.map(command => ({
    name: command.name(),
    summary: command.summary(),
    options: command.options.flatMap(({ long, description }) => (long ? [{ flag: long, about: description }] : [])),
    words: NAMES[command.name()]?.() ?? command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }))
}

function bash(commands: readonly Words[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const flags = options.map(({ flag }) => flag).join(' ')
    return `    ${name}) options="${flags} --help"; words="${words.join(' ')}" ;;`
  })
  return `# vxlane completion for bash; put it into force with: source <(vxlane completion bash)
_vxlane() {
  local current="\${COMP_WORDS[COMP_CWORD]}" options="" words=""
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} help --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _vxlane vxlane
`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
/** Inside of _describe and _arguments a colon ends the name, and brackets the description. */
const plain = (text: string): string => text.replace(/[[\]]/g, '').replaceAll(':', '\\:')

function zsh(commands: readonly Words[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${plain(summary)}`)}`)
  const cases = commands.map(({ name, options, words }) => {
    const flags = options.map(({ flag, about }) => quoted(`${flag}[${plain(about)}]`))
    const rest = words.length > 0 ? `'*:word:(${words.join(' ')})'` : "'*:file:_files'"
    return `    ${name}) _arguments ${[...flags, rest].join(' ')} ;;`
  })
  return `#compdef vxlane
# vxlane completion for zsh; put it into force with: source <(vxlane completion zsh)
_vxlane() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _vxlane vxlane
`
}

function fish(commands: readonly Words[]): string {
  const escaped = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = commands.flatMap(({ name, summary, options, words }) => [
    `complete -c vxlane -f -n __fish_use_subcommand -a ${name} -d ${escaped(summary)}`,
    ...options.map(
      ({ flag, about }) => `complete -c vxlane -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${escaped(about)}`,
    ),
    ...(words.length > 0 ? [`complete -c vxlane -f -n '__fish_seen_subcommand_from ${name}' -a '${words.join(' ')}'`] : []),
  ])
  return `# vxlane completion for fish; put it into force with: vxlane completion fish | source\n${lines.join('\n')}\n`
}

const SHELLS = { bash, zsh, fish }

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Print a script that teaches a shell the commands and options of vxlane.')
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish']))
    .addHelpText('before', 'Examples:\n  source <(vxlane completion bash)\n  vxlane completion fish | source\n')
    .action(shell => {
      process.stdout.write(SHELLS[shell](wordsOf(program)))
    })
}
