// Running other programs: exec in the caller's place, spawn as a child.

#include <array>
#include <utility>
#include <vector>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/family_types.h"
#include "wasi/file_description.h"
#include "wasi/files/devices.h"
#include "wasi/path_lookup.h"
#include "wasi/path_open.h"
#include "wasi/pipe.h"
#include "wasi/program_arguments.h"
#include "wasi/working_directory.h"

namespace brink::wasi::calls {
namespace {

// What execvp(3) searches when it is told no PATH.
constexpr std::string_view kUsualPath = "/usr/local/bin:/bin:/usr/bin";
constexpr std::size_t kMostActions = 1024;
constexpr std::size_t kMostDispositions = 64;

/// Where a guest has left a string or a list: an address, and a length or a count.
struct Place {
  u32 address;
  u32 length;
};

enum class Form : std::uint8_t { lines, pointers };

Outcome<std::vector<std::string>> load_list(const HostCall& call, Place place, Form form) {
  return form == Form::lines ? load_lines(call, place.address, place.length)
                             : load_strings(call, place.address, place.length);
}

struct Program {
  Place name;
  Place arguments;
  Place environment;  ///< address 0: the caller's
  u32 searches;
  Place path;  ///< address 0: the usual one
  Form form;
};

Outcome<ProgramRequest> load_program(const HostCall& call, const Program& program) {
  ProgramRequest request;
  TRY(request.name, copy_string(call, program.name.address, program.name.length, kMaxPath));
  TRY(request.arguments, load_list(call, program.arguments, program.form));
  if (program.environment.address != 0) {
    TRY(request.environment, load_list(call, program.environment, program.form));
  }
  if (program.searches != 0) {
    request.path = kUsualPath;
    if (program.path.address != 0) {
      TRY(request.path,
          copy_string(call, program.path.address, program.path.length, kMostArgumentBytes));
    }
  }
  return request;
}

/// Runs a program in the caller's place. A vfork's child becomes a process, and the
/// caller is its parent again: the call returns.
Attempt replace(HostCall& call, const Program& program) {
  Process& process = Process::of(call);
  if (!process.family()) return done(Errno::nosys);
  auto request = load_program(call, program);
  if (!request) return done(request.error());
  const auto& borrowed = process.borrowed();
  if (!borrowed) {
    const auto replaced = process.family()->replace(*request);
    if (!replaced) return done(replaced.error());
    return Attempt::exit();
  }
  request->pid = borrowed->child;
  const auto spawned = process.family()->spawn(*request);
  if (!spawned) return done(spawned.error());
  process.give_back();
  return done(Errno::success);
}

/// The oldest forms return nothing: on failure the process ends as a shell's would.
Attempt replace_or_end(HostCall& call, const Program& program) {
  const Attempt attempt = replace(call, program);
  if (attempt.kind() != Attempt::Kind::done || attempt.value() == 0) return attempt;
  constexpr u32 kNotFound = 127;
  return proc_exit2(call, kNotFound);
}

/// What a child's descriptors and working directory will be.
struct Surroundings {
  DescriptorTable table;
  std::string directory;
};

Outcome<void> act(HostCall& call, Surroundings& child, const GuestSpawnAction& action) {
  Process& process = Process::of(call);
  switch (action.command) {
    case GuestSpawnAction::close:
      return child.table.close(action.fd, process.profile());
    case GuestSpawnAction::dup2: {
      const Descriptor* const source = child.table.find(action.source);
      if (source == nullptr) return failed(Errno::badf);
      Descriptor copy = *source;
      copy.on_exec = Descriptor::OnExec::stays;
      if (action.source == action.fd) {
        child.table.find(action.fd)->on_exec = Descriptor::OnExec::stays;
        return {};
      }
      copy.preopen.reset();
      return child.table.replace(action.fd, std::move(copy));
    }
    case GuestSpawnAction::open: {
      TRY(std::string path, copy_string(call, action.path, action.path_length, kMaxPath));
      if (!path.starts_with('/')) path = child.directory + "/" + path;
      if (process.files() == nullptr || process.files()->tree().preopens().empty()) {
        return failed(Errno::noent);
      }
      const Descriptor root{std::make_shared<DirectoryDescription>(
                                *process.files(), process.files()->preopen(0), 0, process.disk()),
                            kDirectoryRights, kInheritableRights, std::nullopt};
      PathOpening opening;
      opening.lookup_flags = action.lookup_flags;
      opening.oflags = action.oflags;
      opening.base = action.base;
      opening.inheriting = action.inheriting;
      opening.fdflags = action.fdflags;
      opening.fdflags_ext = 0;
      auto opened = open_path(process, root, path, opening);
      while (!opened && opened.error() == Errno::again) {
        opened = open_path(process, root, path, opening);
      }
      if (!opened) return failed(opened.error());
      return child.table.replace(action.fd, std::move(*opened));
    }
    case GuestSpawnAction::chdir: {
      TRY(const std::string path, copy_string(call, action.path, action.path_length, kMaxPath));
      TRY(child.directory, find_directory(process, child.directory, path));
      return {};
    }
    case GuestSpawnAction::fchdir: {
      const Descriptor* const at = child.table.find(action.fd);
      if (at == nullptr) return failed(Errno::badf);
      const files::Directory* const directory = at->open->directory();
      if (directory == nullptr) return failed(Errno::notdir);
      child.directory = std::string(directory->path());
      return {};
    }
    default:
      return failed(Errno::inval);
  }
}

Outcome<void> act_all(HostCall& call, Surroundings& child, Place actions) {
  if (actions.length > kMostActions) return failed(Errno::toobig);
  for (u32 i = 0; i < actions.length; ++i) {
    const u64 address = actions.address + u64{i} * sizeof(GuestSpawnAction);
    if (address > UINT32_MAX) return failed(Errno::fault);
    TRY(const GuestSpawnAction action, load<GuestSpawnAction>(call, static_cast<u32>(address)));
    TRY_VOID(act(call, child, action));
  }
  return {};
}

Outcome<std::vector<SignalDisposition>> load_dispositions(const HostCall& call, Place place) {
  if (place.length > kMostDispositions) return failed(Errno::toobig);
  std::vector<SignalDisposition> out;
  for (u32 i = 0; i < place.length; ++i) {
    const u64 address = place.address + u64{i} * sizeof(GuestSignalDisposition);
    if (address > UINT32_MAX) return failed(Errno::fault);
    TRY(const auto item, load<GuestSignalDisposition>(call, static_cast<u32>(address)));
    if (item.disposition > 1) return failed(Errno::inval);
    out.push_back({item.signal, static_cast<SignalDisposition::Action>(item.disposition)});
  }
  return out;
}

Outcome<void> spawn(HostCall& call, const Program& program, Place actions, Place dispositions,
                    u32 pid_out) {
  Process& process = Process::of(call);
  TRY_VOID(expect_room(call, pid_out, sizeof(u32)));
  if (!process.family()) return failed(Errno::nosys);
  TRY(ProgramRequest request, load_program(call, program));
  TRY(request.dispositions, load_dispositions(call, dispositions));
  Surroundings child{process.descriptors(), process.directory()};
  TRY_VOID(act_all(call, child, actions));
  request.descriptors = &child.table;
  request.working_directory = child.directory;
  TRY(const u32 pid, process.family()->spawn(request));
  return store(call, pid_out, pid);
}

// How the oldest form wants a standard stream.
enum Stdio : u32 { kPiped = 1, kInherit = 2, kNull = 3, kLog = 4 };

/// Gives the child the stream `number`; for a pipe, the caller's end of it.
Outcome<std::shared_ptr<Pipe>> set_stream(DescriptorTable& table, u32 number, u32 how) {
  if (how == kInherit || how == kLog) return nullptr;
  if (how == kNull) {
    TRY_VOID(table.replace(number, {std::make_shared<DeviceDescription>(files::Device::null, 0),
                                    kDeviceRights, Rights(), std::nullopt}));
    return nullptr;
  }
  if (how != kPiped) return failed(Errno::inval);
  TRY(Pipe::Ends ends, Pipe::create());
  const bool input = number == 0;
  TRY_VOID(
      table.replace(number, {input ? ends.read : ends.write,
                             input ? kPipeReadRights : kPipeWriteRights, Rights(), std::nullopt}));
  return input ? ends.write : ends.read;
}

}  // namespace

Attempt proc_exec(HostCall& call, u32 name, u32 name_length, u32 arguments, u32 arguments_length) {
  return replace_or_end(
      call, {{name, name_length}, {arguments, arguments_length}, {}, 0, {}, Form::lines});
}

Attempt proc_exec2(HostCall& call, u32 name, u32 name_length, u32 arguments, u32 arguments_length,
                   u32 environment, u32 environment_length) {
  return replace_or_end(call, {{name, name_length},
                               {arguments, arguments_length},
                               {environment, environment_length},
                               0,
                               {},
                               Form::lines});
}

Attempt proc_exec3(HostCall& call, u32 name, u32 name_length, u32 arguments, u32 arguments_length,
                   u32 environment, u32 environment_length, u32 searches, u32 path,
                   u32 path_length) {
  return replace(call, {{name, name_length},
                        {arguments, arguments_length},
                        {environment, environment_length},
                        searches,
                        {path, path_length},
                        Form::lines});
}

Attempt proc_exec4(HostCall& call, u32 name, u32 name_length, u32 arguments, u32 count,
                   u32 environment, u32 environment_count, u32 searches, u32 path,
                   u32 path_length) {
  return replace(call, {{name, name_length},
                        {arguments, count},
                        {environment, environment_count},
                        searches,
                        {path, path_length},
                        Form::pointers});
}

Outcome<void> proc_spawn(HostCall& call, u32 name, u32 name_length, u32 chroot, u32 arguments,
                         u32 arguments_length, u32 preopens, u32 preopens_length, u32 in, u32 out,
                         u32 err, u32 directory, u32 directory_length, u32 handles_out) {
  Process& process = Process::of(call);
  TRY_VOID(expect_room(call, handles_out, sizeof(GuestProcessHandles)));
  if (!process.family()) return failed(Errno::nosys);
  (void)preopens;
  // Another root, or other directories than the caller's, nobody can be given.
  if (chroot != 0 || preopens_length != 0) return failed(Errno::notsup);
  TRY(ProgramRequest request,
      load_program(call,
                   {{name, name_length}, {arguments, arguments_length}, {}, 0, {}, Form::lines}));
  Surroundings child{process.descriptors(), process.directory()};
  if (directory_length != 0) {
    TRY(const std::string path, copy_string(call, directory, directory_length, kMaxPath));
    TRY(child.directory, find_directory(process, child.directory, path));
  }
  DescriptorTable& own = process.descriptors();
  if (own.open_count() + 3 > own.limit()) return failed(Errno::mfile);
  std::array<std::shared_ptr<Pipe>, 3> ends;
  const std::array<u32, 3> modes = {in, out, err};
  for (u32 i = 0; i < 3; ++i) {
    TRY(ends[i], set_stream(child.table, i, modes[i]));
  }
  request.descriptors = &child.table;
  request.working_directory = child.directory;
  TRY(const u32 pid, process.family()->spawn(request));
  GuestProcessHandles handles{};
  handles.pid = pid;
  const std::array<GuestOptionNumber*, 3> results = {&handles.in, &handles.out, &handles.err};
  for (u32 i = 0; i < 3; ++i) {
    if (!ends[i]) continue;
    TRY(const u32 number,
        own.add({ends[i], i == 0 ? kPipeWriteRights : kPipeReadRights, Rights(), std::nullopt}));
    *results[i] = {1, {}, static_cast<std::int32_t>(number)};
  }
  return store(call, handles_out, handles);
}

Outcome<void> proc_spawn2(HostCall& call, u32 name, u32 name_length, u32 arguments,
                          u32 arguments_length, u32 environment, u32 environment_length,
                          u32 actions, u32 action_count, u32 dispositions, u32 disposition_count,
                          u32 searches, u32 path, u32 path_length, u32 pid_out) {
  return spawn(call,
               {{name, name_length},
                {arguments, arguments_length},
                {environment, environment_length},
                searches,
                {path, path_length},
                Form::lines},
               {actions, action_count}, {dispositions, disposition_count}, pid_out);
}

Outcome<void> proc_spawn3(HostCall& call, u32 name, u32 name_length, u32 arguments, u32 count,
                          u32 environment, u32 environment_count, u32 actions, u32 action_count,
                          u32 dispositions, u32 disposition_count, u32 searches, u32 path,
                          u32 path_length, u32 pid_out) {
  return spawn(call,
               {{name, name_length},
                {arguments, count},
                {environment, environment_count},
                searches,
                {path, path_length},
                Form::pointers},
               {actions, action_count}, {dispositions, disposition_count}, pid_out);
}

}  // namespace brink::wasi::calls
