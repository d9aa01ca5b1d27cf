--- Names, time and the event log: used by all scripts and fragments without a `uses`.
--- Guarantees: all keys derive from ARGV[1]; all times are the server's; one `emit` is one entry of the stream and one message.

local namespace = ARGV[1]
local prefix = namespace .. ':'

local function key(name)
	return prefix .. name
end

local function taskKey(id)
	return prefix .. 'tasks:status:' .. id
end

local function agentKey(id)
	return prefix .. 'agents:status:' .. id
end

--- Returns nil if a key has another type: another's mistake must not stop a script.
local function softly(...)
	local answer = redis.pcall(...)
	if type(answer) == 'table' and answer.err then
		return nil
	end
	return answer
end

--- The metatable of what reads '' where a field is missing.
local BLANK = {__index = function()
	return ''
end}

local time = redis.call('TIME')
--- Epoch ms of the server.
local now = time[1] * 1000 + math.floor(time[2] / 1000)

--- Concatenation would turn large numbers into 1.7e+15. What fits an integer is printed as one, in a fifth of the time.
local function digits(number)
	return string.format(number % 1 == 0 and number > -1e15 and number < 1e15 and '%d' or '%.0f', number)
end

local nowText = digits(now)

--- Epoch ms with microseconds as fraction: orders what happens within one millisecond.
local function exactly()
	return string.format('%d%03d.%03d', time[1], math.floor(time[2] / 1000), time[2] % 1000)
end

local function put(list, name, value)
	local at = #list
	list[at + 1] = name
	list[at + 2] = value
end

local function fieldsFrom(first)
	local list = {}
	for index = first, #ARGV do
		list[index - first + 1] = ARGV[index]
	end
	return list
end

--- The last value of a field in a flat list; nil if absent.
local function valueIn(list, name)
	for index = #list - 1, 1, -2 do
		if list[index] == name then
			return list[index + 1]
		end
	end
	return nil
end

--- Called before any write: if the log's key is no stream, the script would stop half-way at its first event.
local function needsRecord()
	redis.call('XLEN', key('events'))
end

--- Says in an event which `fields` (a flat list, the event's from here on) were written: of the task (group `t`), agent (`a`), lock (`l`),
--- orders (`c`) or feature (`f`).
local function tell(event, group, fields)
	local told = event[group]
	if not told then
		event[group] = fields
		return event
	end
	for index = 1, #fields do
		told[#told + 1] = fields[index]
	end
	return event
end

--- Adds fragments that run when one of their functions is first called: `loaders` by the fragment's name, with which the function's begins.
local function onDemand(fragments, loaders)
	setmetatable(fragments, {__index = function(_, name)
		local fragment = string.match(name, '^[^_]*')
		local load = loaders[fragment]
		if not load then
			return nil
		end
		loaders[fragment] = nil
		load()
		return fragments[name]
	end})
end

local orderedBy = nil

--- Sets who ordered this script, nil for no human: every later entry carries it.
local function orderFrom(person)
	orderedBy = person
end

--- Writes one entry and publishes it on `events:<type>`. Returns the stream id. Pub/sub is only a notification. The entry is one JSON text:
--- as a field for each of forty values it costs Redis twice the time of the rest of a script.
local function emit(kind, task, agent, text, event, message)
	local told = cjson.encode({
		type = kind, task = task, agent = agent, text = text, by = orderedBy, was = event.was, t = event.t, a = event.a, l = event.l, c = event.c, f = event.f,
	})
	local id = redis.call('XADD', key('events'), 'MAXLEN', '~', '20000', '*', 'event', told)
	redis.call('PUBLISH', key('events:' .. kind), message)
	return id
end
