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

--- Agents whose writes wait for `settle`, by id: what is written of them in one step is one write.
local held = {}

--- An agent by name, missing fields ''; nil if there is no such agent.
local function read(id)
	local waits = held[id]
	if waits and waits.member then
		return waits.member
	end
	redis.setresp(3)
	local member = redis.call('HGETALL', agentKey(id)).map
	redis.setresp(2)
	if not member.role then
		return nil
	end
	member.id = id
	if waits then
		waits.member = member
	end
	return setmetatable(member, BLANK)
end

local IN_CARD = {role = true, capabilities = true, room = true, harness = true, pid = true}

local function store(member, fields)
	redis.call('HSET', agentKey(member.id), unpack(fields))
	if member.room ~= '' then
		softly('HSET', key('agents:registry'), member.id, '{"status":' .. quoted(member.status) .. ',"task":' .. quoted(member.task) .. member.card)
	end
end

--- Writes an agent's fields, its registry entry and the same fields of an event. An external agent (room '') writes its own entry. Afterwards
--- `fields` is what was told: no empty value of what is known to be empty.
local function write(member, fields, event)
	local isOfCard = member.card == ''
	local waits = held[member.id]
	local count = #fields
	local at = 0
	for index = 1, count, 2 do
		local name, value = fields[index], fields[index + 1]
		isOfCard = isOfCard or IN_CARD[name]
		if value ~= '' or member[name] ~= '' then
			fields[at + 1], fields[at + 2] = name, value
			at = at + 2
			member[name] = value
			if waits then
				waits.names[name] = true
			end
		end
	end
	for index = count, at + 1, -1 do
		fields[index] = nil
	end
	if member.room ~= '' and isOfCard then
		member.card = cardOf(member.role, member.capabilities, member.room, member.harness, member.pid)
		put(fields, 'card', member.card)
		if waits then
			waits.names.card = true
		end
	end
	if #fields == 0 then
		return
	end
	tell(event, 'a', fields)
	if not waits then
		store(member, fields)
	end
end

--- From now on an agent's writes wait for `settle`; `read` knows them.
local function hold(id)
	held[id] = {member = nil, names = {status = nil, statusAt = nil, task = nil, stage = nil, token = nil, question = nil, doing = nil, reason = nil}}
end

--- Writes what waited. Every end of a script that holds an agent comes by here.
local function settle(id)
	local waits = held[id]
	held[id] = nil
	if waits and next(waits.names) then
		local fields = {}
		for name in pairs(waits.names) do
			put(fields, name, waits.member[name])
		end
		store(waits.member, fields)
	end
end

return {read = read, write = write, hold = hold, settle = settle}
