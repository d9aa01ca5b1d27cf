--- Names, time and the event log: used by all scripts and fragments without a `uses`.
--- Guarantees: all keys derive from ARGV[1]; all times are the server's; one `emit` is one entry of the stream and one message.

local namespace = ARGV[1]

local function key(name)
	return namespace .. ':' .. name
end

local function taskKey(id)
	return key('tasks:status:' .. id)
end

local function agentKey(id)
	return key('agents:status:' .. id)
end

--- Returns nil if a key has another type: another's mistake must not stop a script.
local function softly(...)
	local answer = redis.pcall(...)
	if type(answer) == 'table' and answer.err then
		return nil
	end
	return answer
end

local time = redis.call('TIME')
--- Epoch ms of the server.
local now = time[1] * 1000 + math.floor(time[2] / 1000)

--- Concatenation would turn large numbers into 1.7e+15.
local function digits(number)
	return string.format('%.0f', number)
end

--- Epoch ms with microseconds as fraction: orders what happens within one millisecond.
local function exactly()
	return string.format('%d%03d.%03d', time[1], math.floor(time[2] / 1000), time[2] % 1000)
end

local function put(list, name, value)
	list[#list + 1] = name
	list[#list + 1] = value
end

local function fieldsFrom(first)
	local list = {}
	for index = first, #ARGV do
		list[#list + 1] = ARGV[index]
	end
	return list
end

--- The last value of a field in a flat list; nil if absent.
local function valueIn(list, name)
	local value = nil
	for index = 1, #list, 2 do
		if list[index] == name then
			value = list[index + 1]
		end
	end
	return value
end

--- Called before any write: if the log's key is no stream, the script would stop half-way at its first event.
local function needsRecord()
	redis.call('XLEN', key('events'))
end

--- Appends `fields` to an event's list, prefixed by their owner.
local function prefixed(event, prefix, fields)
	for index = 1, #fields, 2 do
		event[#event + 1] = prefix .. fields[index]
		event[#event + 1] = fields[index + 1]
	end
	return event
end

local orderedBy = ''

--- Sets who ordered this script, '' for no human: every later entry carries it.
local function orderFrom(person)
	orderedBy = person
end

--- Writes one entry and publishes it on `events:<type>`. Returns the stream id. Pub/sub is only a notification.
local function emit(kind, task, agent, text, fields, message)
	if orderedBy ~= '' then
		fields = {'by', orderedBy, unpack(fields)}
	end
	local id = redis.call('XADD', key('events'), 'MAXLEN', '~', 20000, '*', 'type', kind, 'task', task, 'agent', agent, 'text', text, unpack(fields))
	redis.call('PUBLISH', key('events:' .. kind), message)
	return id
end
