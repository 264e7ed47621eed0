/* One document a line of history, named by its first field. */
#include "journal.h"

#include "doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void replay(const bson_t *line, struct store *store, struct memory *memory)
{
	bson_t view;

	if (doc_sub(line, "entry", &view)) {
		store_append_doc(store, &view);
	} else if (doc_has(line, "cut")) {
		store_cut(store, (size_t)doc_int(line, "cut", 0));
	} else if (doc_has(line, "term")) {
		memory->term = doc_int(line, "term", 0);
		memory->voted_term = doc_int(line, "voted", 0);
	} else if (doc_sub(line, "config", &view)) {
		if (memory->config)
			bson_destroy(memory->config);
		memory->config = bson_copy(&view);
		snprintf(memory->self, sizeof(memory->self), "%s", doc_text(line, "self", ""));
	}
}

/* A last line cut short by a kill is taken off, or the next one would not be readable. */
static void read_all(int fd, struct store *store, struct memory *memory)
{
	bson_reader_t *reader = bson_reader_new_from_fd(fd, false);
	const bson_t *line;
	off_t good = 0;

	while ((line = bson_reader_read(reader, NULL))) {
		replay(line, store, memory);
		good = bson_reader_tell(reader);
	}
	bson_reader_destroy(reader);
	if (ftruncate(fd, good) < 0)
		fprintf(stderr, "journal: %s\n", strerror(errno));
	lseek(fd, good, SEEK_SET);
}

int journal_open(const char *dbpath, struct store *store, struct memory *memory)
{
	ZPM_FREE char *path = bson_strdup_printf("%s/standin.bson", dbpath);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
		return -1;
	}
	read_all(fd, store, memory);
	store->journal = fdopen(fd, "r+");
	return store->journal ? 0 : -1;
}

static void put_line(FILE *journal, bson_t *line)
{
	if (fwrite(bson_get_data(line), 1, line->len, journal) != line->len || fflush(journal))
		fprintf(stderr, "journal: %s\n", strerror(errno));
	bson_destroy(line);
}

void journal_entry(FILE *journal, const struct entry *entry)
{
	bson_t *line, inner;

	if (!journal)
		return;
	line = bson_new();
	BSON_APPEND_DOCUMENT_BEGIN(line, "entry", &inner);
	entry_write(entry, &inner);
	bson_append_document_end(line, &inner);
	put_line(journal, line);
}

void journal_cut(FILE *journal, size_t n)
{
	if (journal)
		put_line(journal, BCON_NEW("cut", BCON_INT64((int64_t)n)));
}

void journal_term(FILE *journal, int64_t term, int64_t voted_term)
{
	if (journal)
		put_line(journal, BCON_NEW("term", BCON_INT64(term), "voted", BCON_INT64(voted_term)));
}

void journal_config(FILE *journal, const bson_t *config, const char *self)
{
	if (journal)
		put_line(journal, BCON_NEW("config", BCON_DOCUMENT(config), "self", BCON_UTF8(self)));
}
