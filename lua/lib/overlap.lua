--- Which areas of the tree exclude each other, and who locks them.
--- Run when first used: most steps need none of it.
--- uses: lock-value

--- Segments of a glob before its first wildcard; none if it may reach anywhere (`..`, an escape, a negation).
local function literalSegments(glob)
	local segments = {}
	if string.find(glob, '..', 1, true) or string.find(glob, '\\', 1, true) or string.find(glob, '^!') then
		return segments
	end
	for segment in string.gmatch(glob, '[^/]+') do
		if string.find(segment, '[%*%?%[%]{}%(]') then
			break
		elseif segment ~= '.' then
			segments[#segments + 1] = segment
		end
	end
	return segments
end

local areas = {}
--- The file or folder that contains all matches of a path lock, in one case, with a slash after each segment; '' is the whole tree. May be
--- wider than the glob, never narrower. False for another kind of lock.
local function areaOf(name)
	local area = areas[name]
	if area == nil then
		local glob = string.match(name, '^path:(.*)$')
		local segments = glob and literalSegments(glob)
		area = segments and (#segments == 0 and '' or string.lower(table.concat(segments, '/')) .. '/') or false
		areas[name] = area
	end
	return area
end

--- True if two locks exclude each other: same name, or paths of which one area contains the other.
local function excludes(name, other)
	local area, otherArea = areaOf(name), areaOf(other)
	if not area or not otherArea then
		return name == other
	end
	if #area < #otherArea then
		return string.sub(otherArea, 1, #area) == area
	end
	return string.sub(area, 1, #otherArea) == otherArea
end

--- Locks read in this script; dropped with every change of one.
local knownPaths, known = nil, {}
local function forget()
	knownPaths, known = nil, {}
end

--- Names that may be held against `name`: the index of path locks, and the names of the area and all above it, so that an external lock on
--- one of those is found without an index.
local function namesOver(name)
	local glob = string.match(name, '^path:(.*)$')
	local names, seen = {name}, {[name] = true}
	local function add(candidate)
		if not seen[candidate] and excludes(candidate, name) then
			seen[candidate] = true
			names[#names + 1] = candidate
		end
	end
	if glob then
		knownPaths = knownPaths or redis.call('SMEMBERS', key('locks:paths'))
		for _, candidate in ipairs(knownPaths) do
			add(candidate)
		end
		local above = 'path:'
		add('path:**')
		add('path:*')
		for index, segment in ipairs(literalSegments(glob)) do
			if index > 16 then
				break
			end
			above = above .. (index == 1 and '' or '/') .. segment
			add(above)
			add(above .. '/*')
			add(above .. '/**')
		end
	end
	return names
end

--- Every lock that excludes `name`, as {name, value}; then indexed names whose key has expired.
local function locksOver(name)
	if known[name] then
		return known[name].held, known[name].ended
	end
	local names, held, ended = namesOver(name), {}, {}
	local keys = {}
	for index, candidate in ipairs(names) do
		keys[index] = key('locks:' .. candidate)
	end
	for index, value in ipairs(redis.call('MGET', unpack(keys))) do
		if value then
			held[#held + 1] = {name = names[index], value = value}
		else
			ended[#ended + 1] = names[index]
		end
	end
	known[name] = {held = held, ended = ended}
	return held, ended
end

--- The first lock over one of `paths` (globs with commas) that another than `agent` holds: its name and owner; nil if there is none.
local function pathHolder(paths, agent)
	for glob in string.gmatch(paths, '[^,]+') do
		for _, held in ipairs((locksOver('path:' .. glob))) do
			if lockValue.ownerIn(held.value) ~= agent then
				return held.name, lockValue.ownerIn(held.value)
			end
		end
	end
	return nil
end

return {excludes = excludes, forget = forget, locksOver = locksOver, pathHolder = pathHolder}
