/**
 * What agent-room survives: one row a fault, and the tests that hold it. The page `survives` of the guide is written from this table by
 * `npm run readme`; a test checks that each named test exists.
 */
export type Fault = {
	/** What breaks. */
	readonly fault: string;
	/** What agent-room does. */
	readonly does: string;
	/** What you see of it. */
	readonly see: string;
	readonly kept: string;
	/** A file under `test/`, and how the title of a test in it begins, as it is written there. */
	readonly heldBy: readonly (readonly [file: string, title: string])[];
};

const ALL = 'everything';
const WRITTEN = 'what was written to the worktree';

const PROCESSES: readonly Fault[] = [
	{
		fault: 'An agent is killed, and Redis never answered its claim',
		does: 'the task starts under the claim that Redis recorded',
		see: 'an agent that works',
		kept: 'the task; one attempt',
		heldBy: [
			[
				'stories/survival-random.test.ts',
				'a claim whose answer never arrived is begun all the same, by the agent in whose name it was granted',
			],
		],
	},
	{
		fault: 'An agent is killed while it works',
		does: 'its files are saved; it resumes its session, or another agent continues',
		see: 'a second attempt with handoff notes',
		kept: WRITTEN,
		heldBy: [
			[
				'room/session/resumed.test.ts',
				'a program that is killed goes on with its session, in its worktree, by its own agent, although another is idle',
			],
			[
				'room/attempt/handoff.test.ts',
				'a task that comes back to another than its author goes on in a new worktree, from the last commit and what lay beside it',
			],
		],
	},
	{
		fault: 'An agent is killed after its commit, before it reports',
		does: 'the next attempt starts at that commit',
		see: 'a second attempt',
		kept: 'the commit and what was not committed',
		heldBy: [
			['room/attempt/handoff.test.ts', 'says who had it, what was tried, what is left, and what stood on the screen; once in the brief'],
		],
	},
	{
		fault: 'A result was sent, its answer is lost',
		does: 'it is sent again under the same id',
		see: 'nothing',
		kept: 'one result',
		heldBy: [['redis/resending.test.ts', 'nothing acknowledged is lost, nothing happens twice, and calls that were on the way end well']],
	},
	{
		fault: 'An agent exits with 0 and has changed nothing',
		does: 'the attempt counts as failed',
		see: 'the reason, and its log',
		kept: 'the log',
		heldBy: [['room/attempt/attempt.test.ts', 'that end well without a change, or without a verdict, are never handed in']],
	},
	{
		fault: 'An agent leaves a daemon behind',
		does: 'all processes of the attempt end with it',
		see: 'nothing',
		kept: WRITTEN,
		heldBy: [
			['os/process-tree.test.ts', 'include a tool in its own session and an orphan that init took over'],
			['os/process-tree.test.ts', 'are found by a later room when their pane died'],
		],
	},
	{
		fault: 'An agent hangs',
		does: 'it is shown as stalled and ended at `timeout`',
		see: '`stalled: no output for 5m`',
		kept: WRITTEN,
		heldBy: [
			['room/attempt/attempt.test.ts', 'without any output are shown as stalled, and as working once they move again'],
			['room/attempt/attempt.test.ts', 'that take too long are ended, whole tree, and counted'],
		],
	},
	{
		fault: 'An agent, the room or the whole machine is stopped for longer than a lease',
		does: 'it continues; after a pause of its own the room waits one more lease before it judges others',
		see: 'no second attempt',
		kept: ALL,
		heldBy: [
			['stories/survival-standing.test.ts', '%s is stopped for longer than its lease and goes on: nobody else takes the task'],
			['room/team/liveness.test.ts', 'the observer grants a whole lease: nobody could show that it lives'],
		],
	},
	{
		fault: 'An agent of a replaced attempt still reports',
		does: 'its token is refused, and it is asked to stop',
		see: 'exit 1 with `stale` in its pane',
		kept: 'the new attempt',
		heldBy: [['room/session/status.test.ts', 'a hook of an attempt that was superseded tells its program to stop']],
	},
	{
		fault: 'The room is killed at any moment',
		does: 'the next start ends its agents, saves their work and continues',
		see: 'your terminal is restored; the full list is back',
		kept: ALL,
		heldBy: [
			['stories/survival.test.ts', 'of the room: the tty is restored; the next start ends its agents, keeps their work, and goes on'],
			['stories/survival-random.test.ts', 'ten tasks come through kills at random moments'],
			['os/killed.test.ts', 'a lock whose taker was killed at any step is free, also one that was taken over from another that had died'],
		],
	},
	{
		fault: 'The socket of a running room is removed, by hand or by a cleaner of /tmp',
		does: 'it opens a new one; no second room starts meanwhile',
		see: '`A room already works in ...`, for a second',
		kept: ALL,
		heldBy: [
			['stories/survival-files.test.ts', 'its socket: no second room starts meanwhile and ends its agents, and it opens a new one'],
			['socket/server.test.ts', 'listens again where its file was removed, with its folder; who is connected stays'],
		],
	},
	{
		fault: 'The state folder of a running room is removed or moved',
		does: 'the room ends, with its agents and its Redis',
		see: '`The room ended: its state folder was removed.`',
		kept: 'the repository, with all that was merged',
		heldBy: [['stories/survival-files.test.ts', 'its state folder: it ends, with its agents and its Redis, for nobody could reach it']],
	},
	{
		fault: 'An agent needs more memory than `limits` allow',
		does: 'it is ended, like one that was killed',
		see: 'the limit, as the reason of the attempt',
		kept: WRITTEN,
		heldBy: [['room/prepare/limits.test.ts', 'that needs more memory than it may ends, and its task says why']],
	},
	{
		fault: 'A merge is killed at any step, or its git is',
		does: 'the next one finishes it, or builds it again',
		see: 'one merge',
		kept: 'the base branch: before or after, never between',
		heldBy: [
			[
				'room/merge/faults.test.ts',
				'a git that is killed %s it moves the base: every car is merged once or goes back, none is lost or tested for nothing',
			],
			['git/guardian/killed.test.ts', 'lands every task exactly once, in the end'],
			['stories/survival.test.ts', 'of $what, $moment the base moves: the task lands exactly once'],
		],
	},
	{
		fault: 'The test command hangs, prints 100 MB, or is killed from outside',
		does: 'its whole process group ends at the time limit; a killed test runs again, three times at most',
		see: 'the limit or the exit code',
		kept: 'the beginning and the end of its log',
		heldBy: [
			[
				'room/recovery/faults-pipeline.test.ts',
				'that hangs is ended at its time limit, whole tree, and its task goes back with the limit in words',
			],
			['room/recovery/faults-pipeline.test.ts', 'that prints many megabytes passes, its log stays small, and the room answers meanwhile'],
			['room/merge/merge-queue.test.ts', 'tests that are killed from outside are run again, and taken for failed at the third time'],
		],
	},
	{
		fault: 'A test fails now and then',
		does: 'it runs a second time on the same files',
		see: '`flaky` on the merge page',
		kept: 'the task; no attempt is counted',
		heldBy: [['room/merge/merge-queue.test.ts', 'a test that fails once and then passes lands, and is recorded as flaky']],
	},
	{
		fault: 'A task fails with every agent',
		does: 'it has failed after its last attempt; `retry` gives it new ones',
		see: 'the reason and the last lines',
		kept: 'its log and its work',
		heldBy: [
			[
				'room/attempt/attempt.test.ts',
				'that always fail end in a dead letter with reason and last lines; what waits for it says so; requeue gives it new ones',
			],
		],
	},
	{
		fault: 'The machine restarts, and process numbers are used again',
		does: 'a process counts only with its start time and boot',
		see: 'nothing',
		kept: ALL,
		heldBy: [
			[
				'stories/survival-terminal.test.ts',
				'of a power cut that ends terminals, room, Redis and agents at once nothing is left but what was written',
			],
			['git/lock/lock-file.test.ts', 'the same pid with another start is dead, a process of another machine counts as alive'],
			['os/process-tree.test.ts', 'is not that of another process with the same pid'],
		],
	},
	{
		fault: 'An external worker dies after it took an entry',
		does: 'the task comes back once; see [Redis](redis.md) for the one case that is left',
		see: '`was taken by an external worker: waits for its lock`',
		kept: 'the task',
		heldBy: [
			[
				'room/recovery/external-killed.test.ts',
				'what external workers took in the moment of the push, or just after it, comes back once when they are killed',
			],
			[
				'room/recovery/external-killed.test.ts',
				'on a server of the user that notifies of nothing, a push is seen at once, and what BLMOVE took comes back once when its agent is killed',
			],
		],
	},
];

const REDIS: readonly Fault[] = [
	{
		fault: 'Redis is killed',
		does: 'it is started again; agents continue; results wait',
		see: '`Redis disconnected`',
		kept: 'every answered write',
		heldBy: [
			['stories/survival.test.ts', 'of Redis: the screen says so, it is started again by itself, nobody loses a task'],
			[
				'stories/survival-start.test.ts',
				'Redis killed at any moment of a start that takes back what was worked on: the start waits for it, and every task is merged',
			],
		],
	},
	{
		fault: 'The socket of the private Redis is removed',
		does: 'it is ended and started again; never two on one file',
		see: '`Redis disconnected` for a moment',
		kept: 'every answered write',
		heldBy: [
			['redis/server/server.test.ts', 'whose socket was removed is ended before another starts, for two would write one AOF'],
			['redis/server/server.test.ts', 'whose socket is removed is missed by who uses it, and comes back with all that was accepted'],
		],
	},
	{
		fault: 'Redis comes back older: its file was cut off, or a server of your own writes each second only',
		does: 'everything freezes until you decide; no old token is valid again',
		see: 'the number of tasks that are missing; `R` rebuilds',
		kept: 'every accepted task, from the journal',
		heldBy: [
			[
				'room/redis/epoch.test.ts',
				'that lost its end by any number of bytes is found, and a token of the lost time is never current again',
			],
			[
				'room/redis/faults-epoch.test.ts',
				'a Redis that comes back older hands out nothing before a person decides; then what it lost is done once',
			],
		],
	},
	{
		fault: 'The file of the private Redis is broken in its middle',
		does: 'nothing is deleted; the room waits until you repair it',
		see: 'what redis-server says',
		kept: 'the file and the running agents',
		heldBy: [
			[
				'room/recovery/faults.test.ts',
				'an AOF that is broken in its middle is not thrown away: the room says what the server says, keeps the agents, and goes on once it is mended',
			],
		],
	},
	{
		fault: 'Redis is empty: FLUSHALL, a lost folder',
		does: 'everything freezes until you decide',
		see: '`14 unfinished tasks, 7 with work, 3 merged since`',
		kept: 'every accepted task, from the journal',
		heldBy: [
			[
				'stories/survival-rebuild.test.ts',
				'a room that is killed in the middle of a rebuild asks again, and the second rebuild ends the same: every task merges once',
			],
			[
				'room/redis/faults-epoch.test.ts',
				'an AOF folder that is deleted is found by the next life of the room too, and a run does not take it for an empty queue',
			],
		],
	},
	{
		fault: 'The network to Redis hangs, is slow, or closes connections',
		does: 'agents continue; no one is taken for crashed',
		see: 'a banner within 2 s',
		kept: ALL,
		heldBy: [
			[
				'room/recovery/faults.test.ts',
				'is slow, silent, away, full, evicting, read-only or busy is named on the screen and in the status within 2 s, kills nobody, and work goes on',
			],
			[
				'redis/connection.test.ts',
				'a partition that ends in time delivers what it held up; a cut fails at once and is over with the next connection',
			],
		],
	},
	{
		fault: 'Redis did it, the answer is lost',
		does: 'the order is sent again under the same id',
		see: 'nothing',
		kept: 'one effect',
		heldBy: [['room/recovery/faults.test.ts', 'loses the answer to an order is asked again, and the order has one effect']],
	},
	{
		fault: 'Answers come in small pieces, or end in the middle',
		does: 'the connection is replaced, the order sent again',
		see: 'nothing, or `Redis disconnected` for a moment',
		kept: ALL,
		heldBy: [
			[
				'room/recovery/faults-network.test.ts',
				'answers that come in pieces, and connections that end in the middle of one, lose nothing and do nothing twice',
			],
		],
	},
	{
		fault: 'Keyspace notifications or messages are off',
		does: 'the sweep each second finds everything',
		see: 'nothing; a second later',
		kept: ALL,
		heldBy: [['room/recovery/external-workers.test.ts', 'with notifications off everything works, a sweep later']],
	},
	{
		fault: 'Redis drops a listener that does not keep up',
		does: 'it listens again; the event log is read from where it was',
		see: 'nothing',
		kept: 'every event, in order',
		heldBy: [
			[
				'room/recovery/faults-network.test.ts',
				'a listener that the server drops because it does not keep up misses hints and nothing else: the record has no gap',
			],
		],
	},
	{
		fault: '300,000 keys of another program wait for their expiry',
		does: 'a silent external worker loses its task just as soon',
		see: 'nothing',
		kept: ALL,
		heldBy: [
			[
				'room/recovery/faults-network.test.ts',
				'however many keys of others wait for their expiry, an external worker that falls silent loses its task as soon',
			],
		],
	},
	{
		fault: 'The memory of Redis is full, or it became a replica',
		does: 'no new task starts; each order is done whole or not at all',
		see: 'a banner with the reason',
		kept: 'running tasks and their leases',
		heldBy: [['redis/full.test.ts', 'a server whose %s takes an order whole or not at all, and all of them once that is over']],
	},
	{
		fault: 'Redis may evict keys',
		does: 'refused at the start; a banner if it changes later',
		see: 'the setting and the fix',
		kept: ALL,
		heldBy: [['redis/connection.test.ts', 'a server that evicts keys is refused']],
	},
	{
		fault: 'The disk under Redis is full',
		does: 'Redis stops, and starts again once there is space',
		see: 'what redis-server says',
		kept: 'every accepted task and the running agents',
		heldBy: [
			[
				'room/recovery/faults.test.ts',
				'a disk that is full ends the server: the room says why, loses nothing that it was told is done, and goes on once there is room again',
			],
		],
	},
	{
		fault: 'A wrong or missing password, a replica, a server that is too old',
		does: 'refused with exit 3; Valkey is accepted',
		see: 'one sentence with the reason',
		kept: 'nothing was changed',
		heldBy: [
			['redis/connection.test.ts', 'a missing or wrong password is named as such'],
			['redis/connection.test.ts', 'a replica is refused'],
			['redis/connection.test.ts', 'an old Redis is refused, a Valkey of any version is not, and something else is not Redis'],
			['redis/server/server.test.ts', 'runs on Valkey just so'],
		],
	},
	{
		fault: 'A failover loses the last writes',
		does: 'found by the epoch; the leader puts back what the journals know, else you decide; with `durability: replicated` nothing is lost',
		see: 'a freeze of some seconds, or the dialog',
		kept: 'every task that a room has seen',
		heldBy: [
			['room/orders/heal.test.ts', 'what a failover loses of a team comes back from its journal by itself'],
			['room/redis/others.test.ts', 'a failover by Sentinel in mid-work, over TLS, is followed: nothing is lost, and nothing done twice'],
			[
				'redis/replicated.test.ts',
				'what is told as done is on a replica: with none that answers nothing is, and all that was is there when the replica takes over',
			],
		],
	},
	{
		fault: 'Data of another type is in a key of agent-room',
		does: 'refused at the start, before anything is written',
		see: 'the name of the key',
		kept: ALL,
		heldBy: [
			[
				'redis/commands.test.ts',
				'that holds something else in a key of ours is refused by the name of that key; what the seed writes to is looked at later',
			],
			['lua/tasks/wrong-types.test.ts', 'where agents are listed, or a task is locked, changes nothing of a lease'],
		],
	},
	{
		fault: '`FUNCTION FLUSH` or `SCRIPT FLUSH` during work',
		does: 'scripts are sent again',
		see: 'nothing',
		kept: ALL,
		heldBy: [['room/recovery/faults.test.ts', 'forgets the scripts again and again is told them again, and nobody sees an error']],
	},
	{
		fault: 'Two rooms use one Redis',
		does: 'same repository and namespace: one team; else the second is refused',
		see: 'both agents, or both values that differ',
		kept: ALL,
		heldBy: [
			[
				'room/team/rooms.test.ts',
				'of one path and host name: each has agents of its own, and a room that starts leaves the work of another alone',
			],
			['room/team/rooms.test.ts', 'one that does not fit is refused with both values, and leaves nothing'],
		],
	},
];

const TIME: readonly Fault[] = [
	{
		fault: 'A clock of Redis or of a host is wrong, or jumps by hours',
		does: 'nothing: heartbeats are compared by monotonic clocks',
		see: 'nothing',
		kept: 'leases and locks, neither longer nor shorter',
		heldBy: [
			[
				'room/redis/clocks.test.ts',
				'a clock that is hours off and steps by hours takes no task from anybody, holds no lock for an hour, and shows no agent as lost',
			],
			[
				'redis/clock.test.ts',
				'a clock that was set back an hour makes nothing last an hour longer: leases, delays, locks, nor who waits for one',
			],
		],
	},
];

const GIT: readonly Fault[] = [
	{
		fault: 'A killed git left its lock (`index.lock`, `AUTO_MERGE.lock` and others)',
		does: 'removed once its owner is proved gone; a live one is waited for',
		see: 'who holds it',
		kept: ALL,
		heldBy: [
			['git/guardian/merge.test.ts', 'stale locks of killed guardians are cleared, in the repository and in the clone'],
			['room/recovery/faults-pipeline.test.ts', 'a stale index.lock in the person’s repository or in a worktree holds nobody for ever'],
			['room/recovery/faults-pipeline.test.ts', 'a lock that a live git holds is waited for, in words, and never taken away'],
		],
	},
	{
		fault: '50 agents need a worktree at once',
		does: 'each gets its own',
		see: 'nothing',
		kept: ALL,
		heldBy: [['git/worktree/create.test.ts', 'is made for each of fifty that ask at once from five processes, and for none twice']],
	},
	{
		fault: 'You or an agent run `git gc --prune=now`',
		does: 'nothing: an attempt borrows no object that gc can remove',
		see: 'nothing',
		kept: ALL,
		heldBy: [['git/worktree/create.test.ts', 'borrows nothing that a gc of the person may take, also where they borrow themselves']],
	},
	{
		fault: 'The base is checked out, dirty, detached, unborn, shallow or bare',
		does: 'clean files follow a merge; what has your uncommitted work in the way waits',
		see: 'which file is in the way, or one sentence',
		kept: 'your files, staged or not',
		heldBy: [
			['git/guardian/merge.test.ts', 'uncommitted work elsewhere stays as it is: changed, staged and untracked'],
			[
				'room/merge/merge-queue.test.ts',
				'a person’s uncommitted file sets aside the one task that changes it; the rest lands without it, and it follows later',
			],
			['stories/places.test.ts', 'state on another file system, a path with a line break, and a bare repository with worktrees next to it'],
			[
				'stories/places.test.ts',
				'an orphan branch that is checked out, a clone that is deepened, and a repository that was moved keep their room',
			],
		],
	},
	{
		fault: 'You commit to the base during a test',
		does: 'candidates are rebuilt and tested again',
		see: '`retesting`',
		kept: 'your commit, and an untested commit never merges',
		heldBy: [['room/merge/merge.test.ts', 'a base that moved between test and landing is tested again: it never holds an untested commit']],
	},
	{
		fault: 'The base is set back or pushed by force',
		does: 'merges that it lost need your approval again',
		see: 'the task asks',
		kept: 'the work of each task',
		heldBy: [
			[
				'room/merge/base.test.ts',
				'what the base does not hold any more is not called merged: it asks, is merged again or dropped, and is merged again by itself where the base holds it again',
			],
			[
				'git/worktree/faults.test.ts',
				'and is pushed back, has what it no longer holds count as not landed; what stood on it is built again',
			],
		],
	},
	{
		fault: 'The branch of a task is deleted, reset or amended',
		does: 'the reviewed commit is what merges',
		see: 'nothing',
		kept: 'every commit that was submitted',
		heldBy: [
			['git/worktree/faults.test.ts', 'may be deleted, reset or amended beneath the room: the commit that was reviewed is what lands'],
			['room/recovery/faults-pipeline.test.ts', 'a branch that its own agent deletes is made again with all that was on it, and handed in'],
		],
	},
	{
		fault: 'The folder of a worktree is removed or away',
		does: 'the next attempt gets a new one from what was saved last',
		see: '`worktree missing`',
		kept: 'what was saved',
		heldBy: [
			[
				'git/worktree/faults.test.ts',
				'holds nobody up where its work tree was removed by hand: the next attempt has the next number, what was taken over stays',
			],
			[
				'room/recovery/faults-pipeline.test.ts',
				'a worktree that a person removes between two rounds is made again from what was handed in',
			],
		],
	},
	{
		fault: 'Changes conflict: lines, renames, deletions, pictures',
		does: 'a resolver or the author resolves; git checks that each side is in the result',
		see: 'the files and both tasks',
		kept: 'both sides',
		heldBy: [
			[
				'room/attempt/conflict.test.ts',
				'goes to the conflict-resolver, on a worktree with the merge in progress and both briefs, and is reviewed and tested like any other',
			],
			[
				'git/merge/lost-sides.test.ts',
				'whatever a resolver does: what a side has added is in the result, or the result is not accepted; and keeping both always is',
			],
		],
	},
	{
		fault: 'Links, modes, submodules, LFS, line ends, names that differ in case',
		does: 'each arrives as it is',
		see: 'nothing',
		kept: ALL,
		heldBy: [
			['git/guardian/contents.test.ts', 'links, modes, names that differ in case, line ends: each arrives as it is'],
			['git/guardian/contents.test.ts', 'large files that a filter keeps elsewhere reach the test tree from the repository'],
			[
				'git/guardian/contents.test.ts',
				'a submodule that is added, changed and taken away; its folder in a test tree holds nothing of earlier tests',
			],
		],
	},
	{
		fault: 'A candidate changes more than its task did',
		does: 'refused before it merges',
		see: 'what differs',
		kept: 'the base branch',
		heldBy: [['git/guardian/verify.test.ts', 'only an honest merge of one task onto the head of the base may land']],
	},
	{
		fault: 'An agent plants hooks, filters, attributes, a fake object or an alias',
		does: 'none of it runs outside of its sandbox',
		see: 'the agent, by name',
		kept: 'your repository',
		heldBy: [
			[
				'room/attempt/hostile-git.test.ts',
				'what an agent plants in its git runs neither in the room nor in the hands of the person, and the person’s repository gets what landed alone',
			],
			[
				'git/worktree/hostile.test.ts',
				'runs nothing as the room by configuration, filters, hooks or attributes in its git, nor in a repository within its tree',
			],
		],
	},
	{
		fault: 'The disk is full: worktree, test, merge, journal',
		does: 'the stage waits; no attempt is counted',
		see: 'the disk, as the reason',
		kept: 'your files and every accepted task',
		heldBy: [
			[
				'stories/full-disk.test.ts',
				'a disk that is full when an agent has finished holds its work until there is space: no attempt is counted, and it is started once',
			],
			[
				'room/recovery/faults-pipeline.test.ts',
				'while a landing writes the person’s tree holds it, in words: the base does not move, the tree is as it was',
			],
			['room/redis/journal.test.ts', 'never stops work: a full disk is said, and made up for once there is room'],
		],
	},
	{
		fault: 'The journal is cut off, or a byte of it changed',
		does: 'whole records are used; it is written again from Redis',
		see: 'one sentence',
		kept: 'every whole record',
		heldBy: [
			['room/redis/journal.test.ts', 'that was cut off at any byte has every record that was whole, and goes on behind them'],
			['room/redis/journal.test.ts', 'of which a byte has changed is used without that record, and says so'],
		],
	},
	{
		fault: 'A second room is started in the same repository',
		does: 'your terminal shows the running one; `run` is refused',
		see: '`A room is already running here.`',
		kept: ALL,
		heldBy: [['stories/survival-standing.test.ts', 'of two runs at the same instant one works and the other says that a room is running']],
	},
];

const TERMINAL: readonly Fault[] = [
	{
		fault: 'An agent prints without end, or 1 GB',
		does: 'panes share their time; logs keep beginning and end',
		see: 'the other panes as quick as before',
		kept: 'heartbeats, leases, your keys',
		heldBy: [
			['room/team/floods.test.ts', 'panes that print without end hold up no heartbeat, no lease and no key'],
			['room/team/log-file.test.ts', 'of a flood the beginning and the end are kept, and how much is between is said'],
		],
	},
	{
		fault: 'An agent prints binary data or hostile escape sequences',
		does: 'only cells and colours reach your terminal',
		see: 'printable characters',
		kept: 'your clipboard, title and modes',
		heldBy: [
			['ui/view/bytes.test.ts', "nothing is cleared, and nothing but cells, colours and the view's own modes is sent"],
			['ui/panels/pane-storms.test.ts', 'reaches the terminal, shown, typed into or read (%i)'],
			['terminal/screen/xterm.test.ts', 'of what else a program tells its terminal nobody hears'],
		],
	},
	{
		fault: 'Wide, combining, right-to-left characters and emoji',
		does: 'one table of widths decides every cell',
		see: 'borders in their columns',
		kept: ALL,
		heldBy: [['terminal/text/widths.test.ts', 'shows everything else in its place, whatever is drawn over what (two cells an emoji: %s)']],
	},
	{
		fault: 'A storm of resizes, 1x1 to 500x200',
		does: 'the last size is drawn',
		see: 'below 40x10 the size that is needed',
		kept: ALL,
		heldBy: [
			['ui/screen/frame.test.ts', 'leaves the right size after a storm of resizes, with no ghost of another'],
			['ui/screen/frame.test.ts', 'says its size below 40x10'],
		],
	},
	{
		fault: 'The terminal ends: SSH drops, SIGTERM, SIGINT, SIGQUIT, ctrl+z',
		does: 'it detaches and restores your tty; the room continues',
		see: 'your shell as before, exit 128 + signal',
		kept: 'the room and its agents',
		heldBy: [
			['attach/terminal-end.test.ts', 'is restored on %s, and the room lives on'],
			['attach/terminal-end.test.ts', 'goes to the shell on ctrl+z and comes back with fg'],
		],
	},
	{
		fault: 'The terminal process is killed with -9',
		does: 'its watcher restores the tty',
		see: 'your shell as before',
		kept: 'the room and its agents',
		heldBy: [
			['attach/terminal-end.test.ts', 'is restored by the watcher when it is killed itself'],
			[
				'stories/survival-terminal.test.ts',
				'a terminal end that is killed gives its tty back; the room, its agents and other terminals go on',
			],
		],
	},
	{
		fault: 'tmux: detach, attach, other sizes, nested',
		does: 'the screen is drawn again at the new size',
		see: 'the same cells',
		kept: ALL,
		heldBy: [['ui/panels/pane-storms.test.ts', 'shows in tmux what it shows on a screen of ours']],
	},
	{
		fault: 'Output is a pipe that closes, no terminal, `NO_COLOR`, an old character set',
		does: 'plain lines, without escape sequences',
		see: 'plain text',
		kept: ALL,
		heldBy: [
			['entries/cli.test.ts', 'ends silently when its reader has gone, and leaves no Redis behind'],
			['ui/view/bytes.test.ts', 'NO_COLOR and the theme without colours send no colour, and still mark what is chosen'],
			['ui/view/bytes.test.ts', 'in ASCII no byte above 0x7e is sent, of whatever pane or title'],
		],
	},
];

const INPUT: readonly Fault[] = [
	{
		fault: 'Hostile titles and descriptions: `; rm -rf`, `$(...)`, `--upload-pack=`, escape sequences, 1 MB',
		does: 'stored as text; too long is refused',
		see: 'the text, made printable',
		kept: 'nothing of it runs',
		heldBy: [
			['room/requests/hostile.test.ts', 'reach the base as one printable line each, are shown whole to the agent, and run nothing'],
			['lua/external/intake.test.ts', 'what makes no task is moved aside and named, whatever it is'],
		],
	},
	{
		fault: 'The same submission comes 1,000 times at once',
		does: 'one task',
		see: 'one task',
		kept: ALL,
		heldBy: [['redis/resending.test.ts', 'a claim gives the same token, and a thousand equal submissions make one task']],
	},
	{
		fault: 'A broken configuration, a file that others can read, another user at the socket',
		does: 'refused with file and line; modes are tightened; the socket is yours alone',
		see: 'all mistakes at once',
		kept: 'no secret reaches an agent',
		heldBy: [
			['commands/config/load.test.ts', 'tells all mistakes at once, in the order of the file, each with its line and what is allowed'],
			['socket/server.test.ts', 'belongs to its owner alone'],
			['redis/server/server.test.ts', 'listens on a socket of its owner alone, without TCP, with every acknowledged write on disk'],
			['room/prepare/environment.test.ts', 'an agent inherits an allow-list and nothing of the room'],
		],
	},
];

/** In the order of the page. */
export const MATRIX: readonly (readonly [title: string, faults: readonly Fault[]])[] = [
	['Processes', PROCESSES],
	['Redis', REDIS],
	['Clocks', TIME],
	['Git and disk', GIT],
	['Screen and terminal', TERMINAL],
	['Input', INPUT],
];
