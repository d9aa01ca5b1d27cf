--- Names, time and the record: the words that all scripts and fragments are written in, without naming it.
--- Guarantees: all keys derive from ARGV[1]; all times are the server's; one `emit` is one entry of the stream and one message.

local namespace = ARGV[1]

local function key(name)
	return namespace .. ':' .. name
end

--- The key of a task's status hash; the key of an agent's.
local function taskKey(id)
	return key('tasks:status:' .. id)
end

local function agentKey(id)
	return key('agents:status:' .. id)
end

--- An answer, or nil where somebody has put a value of another type there: nobody else's mistake stops a script.
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

--- Whole numbers as digits: concatenation alone would turn large ones into 1.7e+15.
local function digits(number)
	return string.format('%.0f', number)
end

--- Epoch ms with microseconds as its fraction: orders what happens within one millisecond.
local function exactly()
	return string.format('%d%03d.%03d', time[1], math.floor(time[2] / 1000), time[2] % 1000)
end

local function put(list, name, value)
	list[#list + 1] = name
	list[#list + 1] = value
end

--- Copies flat fields from ARGV[first] on.
local function fieldsFrom(first)
	local list = {}
	for index = first, #ARGV do
		list[#list + 1] = ARGV[index]
	end
	return list
end

--- The value of a field in a flat list, the last one written; nil where absent.
local function valueIn(list, name)
	local value = nil
	for index = 1, #list, 2 do
		if list[index] == name then
			value = list[index + 1]
		end
	end
	return value
end

--- Called before anything is written: with a record that is no stream a script would stop half-way, at its first event.
local function needsRecord()
	redis.call('XLEN', key('events'))
end

--- Appends `fields` to an event's list with the prefix that says whose they are.
local function prefixed(event, prefix, fields)
	for index = 1, #fields, 2 do
		event[#event + 1] = prefix .. fields[index]
		event[#event + 1] = fields[index + 1]
	end
	return event
end

local orderedBy = ''

--- Who ordered what this script does and by which way, '' where no person did: every entry from here on says so.
local function orderFrom(person)
	orderedBy = person
end

--- One entry of the record and its wake-up on `events:<type>`. Returns the stream id. Pub/sub is a hint, never the record.
local function emit(kind, task, agent, text, fields, message)
	if orderedBy ~= '' then
		fields = {'by', orderedBy, unpack(fields)}
	end
	local id = redis.call('XADD', key('events'), 'MAXLEN', '~', 20000, '*', 'type', kind, 'task', task, 'agent', agent, 'text', text, unpack(fields))
	redis.call('PUBLISH', key('events:' .. kind), message)
	return id
end
