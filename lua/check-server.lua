--- check-server: checks that the server has every command the room uses, allows it on the namespace's keys, and that keys have the right
--- types.
--- Guarantees: changes nothing. Problems are found before the first script runs: it would stop half-way.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 commands... a name, or name and subcommand with a space
---
--- Replies: {missing command, ...} {command that the user may not run, ...} {key of another type, its type, the right one, ...}
---
--- flags: no-writes

local commands = fieldsFrom(2)

--- The arity is unknown, so these counts are tried, the key alone first.
local COUNTS = {1, 2, 3, 4, 5, 6, 0}

local function ask(command)
	local words = {}
	for word in string.gmatch(command, '%S+') do
		words[#words + 1] = word
	end
	local length = #words
	for _, count in ipairs(COUNTS) do
		for index = 1, math.max(unpack(COUNTS)) do
			words[length + index] = index <= count and KEYS[1] or nil
		end
		local isKnown, answer = pcall(redis.acl_check_cmd, unpack(words))
		if isKnown then
			return answer and 'ok' or 'forbidden'
		end
		local text = type(answer) == 'table' and answer.err or tostring(answer)
		if string.find(text, 'Invalid command', 1, true) then
			return 'missing'
		end
	end
	return 'ok'
end

local found = {missing = {}, forbidden = {}}
for _, command in ipairs(commands) do
	local list = found[ask(command)]
	if list then
		list[#list + 1] = command
	end
end

--- Keys by type. Those that external commands write are checked at each read.
local KEYS_BY_TYPE = {
	string = {'fencing', 'clock', 'beats', 'serving', 'tasks:number', 'locks:order', 'agents:external:at', 'replicated'},
	stream = {'events'},
	hash = {
		'control', 'meta', 'calls', 'tasks:counts', 'tasks:intake', 'tasks:intake:task', 'tasks:intake:at', 'locks:owner', 'locks:takenAt', 'locks:fence',
		'locks:asked', 'locks:lost', 'rateLimits:before', 'agents:numbers', 'agents:last', 'machines', 'leader', 'panes:numbers',
	},
	set = {'tasks:roles', 'tasks:assigned', 'tasks:freeing', 'tasks:takers', 'locks:paths', 'rooms:joined', 'arriving:names', 'testimonies'},
	list = {'tasks:refused'},
	zset = {
		'tasks:live', 'tasks:delayed', 'tasks:asking', 'tasks:done', 'tasks:failed', 'tasks:taken', 'tasks:external', 'tasks:intake:order', 'leases', 'waiting', 'features',
		'checkpoints', 'rooms:index', 'agents:index', 'agents:external', 'locks:index', 'locks:waiters', 'locks:deadlines',
	},
}
local others = {}
for right, names in pairs(KEYS_BY_TYPE) do
	for _, name in ipairs(names) do
		local kind = redis.call('TYPE', key(name)).ok
		if kind ~= 'none' and kind ~= right then
			put(others, key(name), kind)
			others[#others + 1] = right
		end
	end
end
return {found.missing, found.forbidden, others}
