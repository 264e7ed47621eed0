/*
 * zpm completion: a script for a shell, which asks zpm itself (complete.c) with every TAB; so it knows what
 * the installed zpm knows.
 */
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

const char *const zpm_shells[] = { "bash", "zsh", NULL };

/* In the order of zpm_shells. */
static const char *const scripts[] = {
	"# Completion of zpm in bash. To try it: source <(zpm completion bash)\n"
	"_zpm() {\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} typed=() glue='' line word i\n"
	"	# Readline has split words at '=' and ':'; what it puts in is behind them.\n"
	"	for ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		if ((${#typed[@]})) && [[ $glue || $word == [=:]* ]]; then\n"
	"			typed[-1]+=$word\n"
	"		else\n"
	"			typed+=(\"${word/#\\~\\//\"$HOME\"/}\")\n"
	"		fi\n"
	"		glue=''\n"
	"		[[ $word != *[=:] ]] || glue=1\n"
	"	done\n"
	"	cur=${cur#[=:]}\n"
	"	COMPREPLY=()\n"
	"	while IFS= read -r line; do\n"
	"		word=${line%%$'\\t'*}\n"
	"		if [[ $word == :files ]]; then\n"
	"			compopt -o filenames\n"
	"			mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"		elif [[ $word == \"$cur\"* ]]; then\n"
	"			COMPREPLY+=(\"$word\")\n"
	"			[[ $word != */ ]] || compopt -o nospace\n"
	"		fi\n"
	"	done < <(command zpm " ZPM_COMPLETE " \"${typed[@]}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _zpm zpm\n",

	"#compdef zpm\n"
	"# Completion of zpm in zsh. To try it, after compinit: source <(zpm completion zsh)\n"
	"_zpm() {\n"
	"	local line word\n"
	"	local -a typed whole open\n"
	"	typed=(\"${(@Q)words[2,CURRENT]}\")\n"
	"	typed=(\"${(@)typed/#\\~\\//$HOME/}\")\n"
	"	[[ $PREFIX != --*=* ]] || compset -P 1 '*='\n"
	"	for line in \"${(@f)$(command zpm " ZPM_COMPLETE " \"${(@)typed}\" 2>/dev/null)}\"; do\n"
	"		word=${line%%$'\\t'*}\n"
	"		line=${word//:/\\\\:}:${line#*$'\\t'}\n"
	"		case $word in\n"
	"		:files) _files && return ;;\n"
	"		*/) open+=(\"${line%:}\") ;;\n"
	"		?*) whole+=(\"${line%:}\") ;;\n"
	"		esac\n"
	"	done\n"
	"	_describe -t words word whole -- open -S ''\n"
	"}\n"
	"if [[ $funcstack[1] == _zpm ]]; then\n"
	"	_zpm \"$@\"\n"
	"else\n"
	"	compdef _zpm zpm\n"
	"fi\n",
};

enum zpm_exit zpm_cmd_completion(const struct zpm_cli *cli)
{
	for (size_t i = 0; zpm_shells[i]; i++)
		if (!strcmp(cli->args.v[0], zpm_shells[i])) {
			fputs(scripts[i], stdout);
			return ZPM_EXIT_OK;
		}
	fprintf(stderr, "zpm: no completion for '%s'; there is one for bash and one for zsh\n",
		cli->args.v[0]);
	return ZPM_EXIT_USAGE;
}
