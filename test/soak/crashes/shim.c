/*
 * Preloaded into every program of a sweep: kills it right before one chosen call that writes. A point is the program, the call and the class of
 * the file; digits and hashes in a name are left out of its class. What is chosen stands in a file that all of them map ($CRASH_MAP); what they
 * come by is added to $CRASH_LOG. Own prototypes: it compiles with tcc alone, without any header.
 */
typedef unsigned long size;
typedef struct {
	const char *base;
	size length;
} piece;
typedef struct {
	void *name;
	unsigned nameLength;
	piece *pieces;
	size count;
} message;
/* What all programs of a sweep see. */
typedef struct {
	int mode; /* 0 off, 1 note points, 2 kill at the target */
	int holds; /* instead of a kill the process stands still, until all of them are killed */
	int window;
	char target[1000];
} order;

extern void *dlsym(void *handle, const char *name);
extern char *getenv(const char *name);
extern int *__errno_location(void);
extern int getpid(void);
extern int kill(int pid, int signal);
extern int pause(void);
extern void *mmap(void *at, size length, int protection, int flags, int file, long offset);
extern long readlink(const char *path, char *into, size most);
extern char *getcwd(char *into, size most);
extern int memcmp(const void *one, const void *other, size length);
extern void *memmem(const void *in, size inLength, const void *what, size length);
extern int close(int file);
extern long read(int file, void *into, size most);

#define CREATES 0100
#define TRUNCATES 01000
#define REAL(name) (__typeof__(&name))real(#name, &real_##name)
#define HERE -100
#define LONGEST 1000
#define MOST 4096

int open(const char *path, int flags, int mode);
long write(int file, const void *bytes, size length);

static void *real_open, *real_write;
static volatile order *ordered;
static const char *root, *logFile, *hitFile, *mutant;
static int owner, window;
static char program[64];
/* Points that this process has noted already. */
static unsigned long noted[MOST];

static void *real(const char *name, void **slot) {
	if (!*slot) *slot = dlsym((void *)-1L, name);
	return *slot;
}
static int (*openReal(void))(const char *, int, int) { return (int (*)(const char *, int, int))real("open", &real_open); }
static long (*writeReal(void))(int, const void *, size) { return (long (*)(int, const void *, size))real("write", &real_write); }

static size length(const char *text) {
	size count = 0;
	while (text[count]) count++;
	return count;
}
static int isSame(const char *one, const char *other) {
	while (*one && *one == *other) one++, other++;
	return *one == *other;
}
static int begins(const char *text, const char *with) {
	while (*with)
		if (*text++ != *with++) return 0;
	return 1;
}
static int ends(const char *text, const char *with) {
	size all = length(text), some = length(with);
	return all >= some && isSame(text + all - some, with);
}
static char *add(char *at, char *end, const char *text) {
	while (*text && at < end) *at++ = *text++;
	*at = 0;
	return at;
}
static char *addNumber(char *at, char *end, long number) {
	char digits[24];
	int count = 0;
	do digits[count++] = '0' + number % 10;
	while ((number /= 10) > 0);
	while (count > 0 && at < end) *at++ = digits[--count];
	*at = 0;
	return at;
}
static const char *last(const char *path) {
	const char *name = path;
	for (; *path; path++)
		if (*path == '/') name = path + 1;
	return name;
}

/* One of the room's programs by its words, git with its command, Redis, or nothing that is of interest. */
static void nameProgram(void) {
	static char words[4096];
	char *end = program + sizeof program - 1, *at = program;
	int file = openReal()("/proc/self/cmdline", 0, 0);
	long count = file < 0 ? 0 : read(file, words, sizeof words - 2);
	if (file >= 0) close(file);
	if (count < 0) count = 0;
	words[count] = words[count + 1] = 0;
	const char *first = last(words);
	program[0] = 0;
	if (begins(first, "redis-server") || begins(first, "valkey-server")) {
		add(at, end, "redis");
		return;
	}
	int isGit = isSame(first, "git"), skips = 0;
	const char *script = "";
	for (const char *word = words + length(words) + 1; word < words + count; word += length(word) + 1) {
		if (isGit) {
			if (skips) skips = 0;
			else if (isSame(word, "-c") || isSame(word, "-C") || isSame(word, "--git-dir") || isSame(word, "--work-tree")) skips = 1;
			else if (word[0] != '-') {
				add(add(at, end, "git-"), end, word);
				return;
			}
		} else if (script[0]) {
			if (ends(script, "agent-room.js") || ends(script, "cli.js") || ends(script, "program.js")) add(at, end, word);
			else if (ends(script, "room.js")) add(at, end, "room");
			else add(at, end, "report");
			return;
		} else if (ends(word, "/agent-room.js") || ends(word, "/cli.js") || ends(word, "/program.js") || ends(word, "/room.js") || ends(word, "/report.js"))
			script = word;
	}
	if (isGit) add(at, end, "git");
	else if (script[0]) add(at, end, "report");
}

static void prepare(void) {
	const char *map = getenv("CRASH_MAP");
	owner = getpid();
	ordered = 0;
	root = getenv("CRASH_ROOT");
	logFile = getenv("CRASH_LOG");
	hitFile = getenv("CRASH_HIT");
	mutant = getenv("CRASH_MUTANT");
	if (!map || !root || !logFile || !hitFile) return;
	int file = openReal()(map, 0, 0);
	if (file < 0) return;
	void *mapped = mmap(0, sizeof(order), 1, 1, file, 0);
	close(file);
	if (mapped == (void *)-1L) return;
	nameProgram();
	if (program[0]) ordered = mapped;
}

static int isLetter(char one) { return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z'); }
static int isDigit(char one) { return one >= '0' && one <= '9'; }

/* A path below the root without what differs from run to run; 0 for one elsewhere. */
static int classOf(const char *path, char *at, char *end) {
	if (!begins(path, root)) return 0;
	path += length(root);
	if (*path++ != '/') return 0;
	while (*path && at < end) {
		const char *from = path;
		/* A number, a hash, or letters at random. */
		int hasDigit = 0, isHash = 1, isMixed = 0;
		for (; isLetter(*path) || isDigit(*path); path++) {
			hasDigit |= isDigit(*path);
			isHash &= isDigit(*path) || (*path >= 'a' && *path <= 'f');
			isMixed |= path > from && *path >= 'A' && *path <= 'Z' && path[-1] >= 'a' && path[-1] <= 'z';
		}
		size many = path - from;
		if (hasDigit || isMixed || (isHash && many >= 4)) *at++ = '#';
		else
			while (from < path && at < end) *at++ = *from++;
		if (begins(path - many, "objects/") && many == 7 && !begins(path, "/info") && !begins(path, "/pack")) {
			*at = 0;
			add(at, end, "/*");
			return 1;
		}
		/* Each hook is written like any other. */
		if (begins(path - many, "hooks/") && many == 5) {
			at = add(at, end, "/*");
			for (path++; isLetter(*path) || *path == '-'; path++);
		}
		if (*path && at < end) {
			if (!(path[0] == '/' && (path[1] == '/' || (path[1] == '.' && path[2] == '/')))) *at++ = *path++;
			else path += path[1] == '/' ? 1 : 2;
		}
	}
	*at = 0;
	return 1;
}

static void note(const char *point) {
	/* A new window: what was noted in an earlier one is noted again. */
	if (window != ordered->window)
		for (int slot = 0; slot < MOST; slot++) noted[slot] = 0;
	window = ordered->window;
	unsigned long hash = 14695981039346656037ul;
	for (const char *at = point; *at; at++) hash = (hash ^ (unsigned char)*at) * 1099511628211ul;
	for (unsigned long slot = hash % MOST, tries = 0; tries < 64; tries++, slot = (slot + 1) % MOST) {
		if (noted[slot] == hash) return;
		if (noted[slot]) continue;
		noted[slot] = hash;
		break;
	}
	char line[LONGEST + 2];
	char *at = add(line, line + LONGEST, point);
	*at++ = '\n';
	int file = openReal()(logFile, 1 | CREATES | 02000, 0600);
	if (file < 0) return;
	writeReal()(file, line, at - line);
	close(file);
}

static void meet(const char *call, const char *kind) {
	char point[LONGEST];
	char *end = point + LONGEST - 1;
	add(add(add(add(add(point, end, program), end, " "), end, call), end, " "), end, kind);
	if (ordered->mode == 1) note(point);
	if (ordered->mode != 2 || !isSame(point, (const char *)ordered->target)) return;
	/* Only one process of all, once. */
	int file = openReal()(hitFile, 1 | CREATES | 0200, 0600);
	if (file < 0) return;
	char text[32];
	char *at = addNumber(text, text + 30, getpid());
	writeReal()(file, text, at - text);
	close(file);
	while (ordered->holds) pause();
	kill(getpid(), 9);
	for (;;) pause();
}

static int isAsked(void) {
	if (owner != getpid()) prepare();
	return ordered && ordered->mode;
}

/* Where a relative path begins: this folder, or the one that is open as `folder`. */
static char *beginOf(int folder, char *whole, char *end) {
	if (folder == HERE) return getcwd(whole, LONGEST - 2) ? add(whole + length(whole), end, "/") : whole;
	char link[40];
	addNumber(add(link, link + 30, "/proc/self/fd/"), link + 38, folder);
	long many = readlink(link, whole, LONGEST - 2);
	return many < 0 ? whole : add(whole + many, end, "/");
}

static void atPathIn(int folder, const char *call, const char *path) {
	int *error = __errno_location(), before = *error;
	if (path && isAsked()) {
		char whole[LONGEST], kind[LONGEST];
		char *end = whole + LONGEST - 1, *at = path[0] == '/' ? whole : beginOf(folder, whole, end);
		add(at, end, path);
		if (classOf(whole, kind, kind + LONGEST - 1)) meet(call, kind);
	}
	*error = before;
}

static void atPath(const char *call, const char *path) { atPathIn(HERE, call, path); }

/* The next script that a piece of a write to Redis names, after `at`: that of a function or of a digest; 0 for none. */
static const char *nextScript(const char *at, const char *end) {
	const char *function = memmem(at, end - at, "FCALL\r\n$", 8), *digest = memmem(at, end - at, "EVALSHA\r\n$", 10);
	if (function && (!digest || function < digest)) return function + 8;
	return digest ? digest + 10 : 0;
}

/* The scripts that a write to Redis names, each a class of its own; another socket's or pipe's writes are of one class. */
static void atStream(const char *call, const char *kind, const piece *pieces, size count) {
	int found = 0;
	for (size index = 0; index < count; index++) {
		const char *at = pieces[index].base, *end = at + pieces[index].length;
		while (at && end - at > 11 && (at = nextScript(at, end))) {
			for (; at < end && *at != '\n'; at++);
			char script[80];
			char *to = add(script, script + 79, "redis:");
			for (at++; at < end && *at != '\r' && to < script + 79; at++) *to++ = *at;
			*to = 0;
			meet(call, script);
			found = 1;
		}
	}
	if (!found && !isSame(program, "redis")) meet(call, kind);
}

static void atFile(const char *call, int file, const piece *pieces, size count) {
	int *error = __errno_location(), before = *error;
	if (isAsked()) {
		char link[40], path[LONGEST], kind[LONGEST];
		addNumber(add(link, link + 30, "/proc/self/fd/"), link + 38, file);
		long many = readlink(link, path, LONGEST - 1);
		path[many < 0 ? 0 : many] = 0;
		if (begins(path, "socket:")) atStream(call, "socket", pieces, count);
		else if (begins(path, "pipe:")) atStream(call, "pipe", pieces, 0);
		else if (classOf(path, kind, kind + LONGEST - 1)) meet(call, kind);
	}
	*error = before;
}

#define OPENS(name) \
	static void *real_##name##_; \
	int name(const char *path, int flags, int mode) { \
		if (flags & (CREATES | TRUNCATES)) atPath("open", path); \
		return ((int (*)(const char *, int, int))real(#name, &real_##name##_))(path, flags, mode); \
	}
#define OPENS_AT(name) \
	static void *real_##name##_; \
	int name(int folder, const char *path, int flags, int mode) { \
		if (flags & (CREATES | TRUNCATES)) atPathIn(folder, "open", path); \
		return ((int (*)(int, const char *, int, int))real(#name, &real_##name##_))(folder, path, flags, mode); \
	}
#define FILE_OPENS(name) \
	static void *real_##name##_; \
	void *name(const char *path, const char *how) { \
		if (how[0] != 'r') atPath("open", path); \
		return ((void *(*)(const char *, const char *))real(#name, &real_##name##_))(path, how); \
	}
#define ON_PATH(name, more, passed) \
	static void *real_##name##_; \
	int name(const char *path more) { \
		atPath(#name, path); \
		return ((int (*)())real(#name, &real_##name##_))(path passed); \
	}
#define COMMA ,
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)
FILE_OPENS(fopen)
FILE_OPENS(fopen64)
ON_PATH(unlink, , )
ON_PATH(rmdir, , )
ON_PATH(mkdir, COMMA int mode, COMMA mode)
ON_PATH(truncate, COMMA long to, COMMA to)
ON_PATH(truncate64, COMMA long to, COMMA to)

static void *real_unlinkat_, *real_mkdirat_, *real_mkdtemp_, *real_rename_, *real_renameat_, *real_renameat2_, *real_link_, *real_linkat_, *real_symlink_;
int unlinkat(int folder, const char *path, int flags) {
	atPathIn(folder, "unlink", path);
	return ((int (*)(int, const char *, int))real("unlinkat", &real_unlinkat_))(folder, path, flags);
}
int mkdirat(int folder, const char *path, int mode) {
	atPathIn(folder, "mkdir", path);
	return ((int (*)(int, const char *, int))real("mkdirat", &real_mkdirat_))(folder, path, mode);
}
char *mkdtemp(char *path) {
	atPath("mkdir", path);
	return ((char *(*)(char *))real("mkdtemp", &real_mkdtemp_))(path);
}
int rename(const char *from, const char *to) {
	atPath("rename", to);
	/* The broken order that a sweep has to notice: what was there is taken away before the new one is in its place. */
	if (mutant && isSame(mutant, "rename")) {
		unlink(to);
		atPath("rename-half", to);
	}
	return ((int (*)(const char *, const char *))real("rename", &real_rename_))(from, to);
}
int renameat(int one, const char *from, int other, const char *to) {
	atPathIn(other, "rename", to);
	return ((int (*)(int, const char *, int, const char *))real("renameat", &real_renameat_))(one, from, other, to);
}
int renameat2(int one, const char *from, int other, const char *to, unsigned flags) {
	atPathIn(other, "rename", to);
	return ((int (*)(int, const char *, int, const char *, unsigned))real("renameat2", &real_renameat2_))(one, from, other, to, flags);
}
int link(const char *from, const char *to) {
	atPath("link", to);
	return ((int (*)(const char *, const char *))real("link", &real_link_))(from, to);
}
int linkat(int one, const char *from, int other, const char *to, int flags) {
	atPathIn(other, "link", to);
	return ((int (*)(int, const char *, int, const char *, int))real("linkat", &real_linkat_))(one, from, other, to, flags);
}
int symlink(const char *to, const char *path) {
	atPath("symlink", path);
	return ((int (*)(const char *, const char *))real("symlink", &real_symlink_))(to, path);
}

static void *real_write_, *real_pwrite_, *real_pwrite64_, *real_writev_, *real_pwritev_, *real_pwritev64_, *real_sendmsg_, *real_send_, *real_ftruncate_, *real_ftruncate64_, *real_copy_;
long write(int file, const void *bytes, size many) {
	piece one = {bytes, many};
	atFile("write", file, &one, 1);
	return ((long (*)(int, const void *, size))real("write", &real_write_))(file, bytes, many);
}
long pwrite(int file, const void *bytes, size many, long at) {
	atFile("write", file, 0, 0);
	return ((long (*)(int, const void *, size, long))real("pwrite", &real_pwrite_))(file, bytes, many, at);
}
long pwrite64(int file, const void *bytes, size many, long at) {
	atFile("write", file, 0, 0);
	return ((long (*)(int, const void *, size, long))real("pwrite64", &real_pwrite64_))(file, bytes, many, at);
}
long writev(int file, const piece *pieces, int count) {
	atFile("write", file, pieces, count);
	return ((long (*)(int, const piece *, int))real("writev", &real_writev_))(file, pieces, count);
}
long pwritev(int file, const piece *pieces, int count, long at) {
	atFile("write", file, 0, 0);
	return ((long (*)(int, const piece *, int, long))real("pwritev", &real_pwritev_))(file, pieces, count, at);
}
long pwritev64(int file, const piece *pieces, int count, long at) {
	atFile("write", file, 0, 0);
	return ((long (*)(int, const piece *, int, long))real("pwritev64", &real_pwritev64_))(file, pieces, count, at);
}
long sendmsg(int file, const message *given, int flags) {
	atFile("write", file, given->pieces, given->count);
	return ((long (*)(int, const message *, int))real("sendmsg", &real_sendmsg_))(file, given, flags);
}
long send(int file, const void *bytes, size many, int flags) {
	piece one = {bytes, many};
	atFile("write", file, &one, 1);
	return ((long (*)(int, const void *, size, int))real("send", &real_send_))(file, bytes, many, flags);
}
int ftruncate(int file, long to) {
	atFile("truncate", file, 0, 0);
	return ((int (*)(int, long))real("ftruncate", &real_ftruncate_))(file, to);
}
int ftruncate64(int file, long to) {
	atFile("truncate", file, 0, 0);
	return ((int (*)(int, long))real("ftruncate64", &real_ftruncate64_))(file, to);
}
long copy_file_range(int from, long *fromAt, int to, long *toAt, size many, unsigned flags) {
	atFile("write", to, 0, 0);
	return ((long (*)(int, long *, int, long *, size, unsigned))real("copy_file_range", &real_copy_))(from, fromAt, to, toAt, many, flags);
}
