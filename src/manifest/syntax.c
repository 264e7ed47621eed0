/*
 * libyaml names the rule that was broken; what people broke it with is nearly
 * always one of a few things, which are told from the text at that place.
 */
#include "manifest/syntax.h"

#include <stdlib.h>
#include <string.h>

static bool before_is(const struct zpm_source *source, const char *at, char c)
{
	return *at && at > source->text && at[-1] == c;
}

/* "" when nothing comes to mind. */
static const char *hint(const char *problem, const struct zpm_source *source, const char *at)
{
	if (*at == '\t')
		return "; a tab cannot indent, use spaces";
	if (*at == '{' && before_is(source, at, '$'))
		return "; inside { } and [ ], put text with ${...} in quotes";
	if (*at && strchr("@`%", *at) && strstr(problem, "cannot start"))
		return "; put text that begins with this character in quotes";
	if (strstr(problem, "mapping values are not allowed"))
		return "; put text that holds ': ' in quotes, or check the indentation";
	return "";
}

static struct zpm_pos at_mark(const struct zpm_source *source, const yaml_mark_t *mark)
{
	return (struct zpm_pos){ source->name, (unsigned)mark->line + 1, (unsigned)mark->column + 1 };
}

void zpm_syntax_report(const yaml_parser_t *parser, const struct zpm_source *source, struct zpm_diags *diags)
{
	const char *problem = parser->problem ? parser->problem : "unknown error";
	struct zpm_pos pos = at_mark(source, &parser->problem_mark);
	const char *why;

	if (parser->error == YAML_MEMORY_ERROR)
		abort();
	if (parser->error == YAML_READER_ERROR) {
		zpm_diag_add(diags, zpm_source_pos(source, parser->problem_offset), "not YAML: %s (0x%02x)",
			problem, (unsigned)parser->problem_value);
		return;
	}
	why = hint(problem, source, zpm_source_at(source, pos));
	if (!parser->context)
		zpm_diag_add(diags, pos, "not YAML: %s%s", problem, why);
	else if (parser->context_mark.line == parser->problem_mark.line)
		zpm_diag_add(diags, pos, "not YAML: %s, %s%s", parser->context, problem, why);
	else
		zpm_diag_add(diags, pos, "not YAML: %s that begins on line %zu, %s%s", parser->context,
			parser->context_mark.line + 1, problem, why);
}
