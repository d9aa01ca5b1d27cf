const {kill} = process;

// A test that looks for a process in vain has 0 or NaN in its hand, which means its own group: the whole run, and whoever reads of it.
process.kill = (pid, signal) => {
	if (!pid)
		throw new Error(`A test would have sent ${signal ?? 'SIGTERM'} to its own group: the process that it looked for was not there.`);
	return kill.call(process, pid, signal);
};
