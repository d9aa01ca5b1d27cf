--- Agents: status hash and registry entry change together.

--- A JSON string; ids and statuses need no escapes.
local function quoted(text)
	if string.find(text, '[^%w._:+-]') then
		return cjson.encode(text)
	end
	return '"' .. text .. '"'
end

--- The stable part of a registry entry, concatenated: decoding and encoding others' JSON would turn empty lists into objects.
local function cardOf(role, capabilities, room, harness, pid)
	local names = capabilities == '' and '' or string.gsub(cjson.encode(capabilities), ',', '","')
	return table.concat({
		',"role":', quoted(role), ',"capabilities":[', names, '],"room":', quoted(room), ',"harness":', quoted(harness),
		',"pid":', digits(tonumber(pid) or 0), '}',
	})
end

local MEMBER_FIELDS = {'role', 'status', 'capabilities', 'room', 'task', 'token', 'paused', 'card', 'stage', 'account', 'resumes', 'reason'}

--- What an agent says of its task besides; read where a task leaves it.
local SAID_FIELDS = {'question', 'choices', 'questionId', 'detail', 'evidence', 'doing'}

--- Agents whose writes wait for `settle`, by id: what is written of them in one step is one write.
local held = {}

--- An agent's fields by name, missing ones ''; nil if there is no such agent. `isWhole`: also what it says.
local function read(id, isWhole)
	local waits = held[id]
	if waits and waits.member then
		return waits.member
	end
	local names = MEMBER_FIELDS
	if isWhole or waits then
		names = {unpack(MEMBER_FIELDS)}
		for _, name in ipairs(SAID_FIELDS) do
			names[#names + 1] = name
		end
	end
	local values = redis.call('HMGET', agentKey(id), unpack(names))
	if not values[1] then
		return nil
	end
	local member = {id = id, isRead = true}
	for index, name in ipairs(names) do
		member[name] = values[index] or ''
	end
	if waits then
		waits.member = member
	end
	return member
end

local IN_CARD = {role = true, capabilities = true, room = true, harness = true, pid = true}

local function store(member, fields)
	redis.call('HSET', agentKey(member.id), unpack(fields))
	if member.room ~= '' then
		softly('HSET', key('agents:registry'), member.id, '{"status":' .. quoted(member.status) .. ',"task":' .. quoted(member.task) .. member.card)
	end
end

--- Writes an agent's fields, its registry entry and the same fields of an event. An external agent (room '') writes its own entry. An empty
--- value of what is known to be empty is neither written nor told.
local function write(member, fields, event)
	local isOfCard = member.card == ''
	local kept = {}
	for index = 1, #fields, 2 do
		local name, value = fields[index], fields[index + 1]
		isOfCard = isOfCard or IN_CARD[name]
		if value ~= '' or not member.isRead or member[name] ~= '' then
			put(kept, name, value)
			member[name] = value
		end
	end
	if member.room ~= '' and isOfCard then
		local known = redis.call('HMGET', agentKey(member.id), 'harness', 'pid')
		member.card = cardOf(member.role, member.capabilities, member.room, member.harness or known[1] or '', member.pid or known[2] or '0')
		put(kept, 'card', member.card)
	end
	tell(event, 'a', kept)
	local waits = held[member.id]
	if not waits then
		store(member, kept)
		return
	end
	for index = 1, #kept, 2 do
		local at = waits.at[kept[index]]
		if not at then
			at = #waits.fields + 1
			waits.at[kept[index]] = at
			waits.fields[at] = kept[index]
		end
		waits.fields[at + 1] = kept[index + 1]
	end
end

--- From now on an agent's writes wait for `settle`; `read` knows them.
local function hold(id)
	held[id] = {fields = {}, at = {}}
end

--- Writes what waited. Every end of a script that holds an agent comes by here.
local function settle(id)
	local waits = held[id]
	held[id] = nil
	if waits and #waits.fields > 0 then
		store(waits.member, waits.fields)
	end
end

return {read = read, write = write, hold = hold, settle = settle}
