/** One word of a unit file: quoted, with everything escaped that systemd interprets. */
const quoted = (text: string): string =>
	`"${text
		.replace(/[\\"]/g, '\\$&')
		.replaceAll('%', '%%')
		.replace(/\p{Cc}/gu, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

const word = (text: string): string => (/^[\w./:@=,+-]+$/.test(text) ? text : quoted(text));
/** The same in a command, where a `$` would be a variable. */
const commandWord = (text: string): string => word(text).replaceAll('$', '$$$$');
/** The value of a setting that takes the rest of its line. */
const rest = (text: string): string => text.replace(/[\p{Cc}]/gu, ' ').replaceAll('%', '%%');

/** Values of a unit; all paths absolute. */
export type Unit = {
	readonly name: string;
	readonly repository: string;
	readonly command: readonly string[];
	readonly readyFile: string;
	readonly environment: Readonly<Record<string, string>>;
	/** Holds what must not be in the unit, such as passwords and agents' keys. */
	readonly environmentFile: string;
	readonly graceMs: number;
};

/** After the grace the room still saves and returns what runs, s. */
const STOP_S = 60;
/** How long a start waits for a Redis and a remote that are away, s. */
const START_S = 120;

/**
 * A systemd user unit for a worker. Its ready file says when it is ready: a notification would have to be allowed to every process of the unit,
 * agents included. Only the room gets the signal (`mixed`): it ends its agents itself.
 */
export const unitText = ({name, repository, command, readyFile, environment, environmentFile, graceMs}: Unit): string =>
	[
		`# Save as ~/.config/systemd/user/${name}.service, then:`,
		'#   systemctl --user daemon-reload',
		`#   systemctl --user enable --now ${name}`,
		'#   loginctl enable-linger          # so that it runs while you are logged out',
		`# Passwords and keys: NAME=VALUE lines in ${rest(environmentFile)} (mode 0600).`,
		'[Unit]',
		`Description=agent-room worker of ${rest(repository)}`,
		'StartLimitIntervalSec=0',
		'',
		'[Service]',
		'Type=exec',
		`WorkingDirectory=${rest(repository)}`,
		...Object.entries(environment).map(([key, value]) => `Environment=${quoted(`${key}=${value}`)}`),
		`EnvironmentFile=-${rest(environmentFile)}`,
		`ExecStart=${command.map(commandWord).join(' ')}`,
		`ExecStartPost=/bin/sh -c 'until [ -e "$$1" ]; do kill -0 "$$2" || exit 1; sleep 0.2; done' sh ${commandWord(readyFile)} $MAINPID`,
		`TimeoutStartSec=${START_S}`,
		'Restart=on-failure',
		'RestartSec=5',
		'RestartPreventExitStatus=2',
		'SuccessExitStatus=130 143',
		'KillMode=mixed',
		`TimeoutStopSec=${Math.ceil(graceMs / 1000) + STOP_S}`,
		'',
		'[Install]',
		'WantedBy=default.target',
	].join('\n');
