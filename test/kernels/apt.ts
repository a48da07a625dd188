import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../src/lab/run.js';
import { KernelUnavailableError } from './errors.js';
import type { Kernel } from './kernels.js';

/**
 * apt with a state of its own, which knows a single suite and no installed package: the machine's is neither read
 * nor changed, but for the address of the mirror.
 */
export class PrivateApt {
  readonly #config: string;

  private constructor(config: string) {
    this.#config = config;
  }

  /** @throws {KernelUnavailableError} where the machine's mirror does not have the suite. */
  static async of(kernel: Kernel, directory: string): Promise<PrivateApt> {
    const mirror = await mirrorOf(kernel.archive);
    for (const folder of ['lists/partial', 'cache/archives/partial'])
      await mkdir(join(directory, folder), { recursive: true });
    await writeFile(join(directory, 'status'), '');
    await writeFile(join(directory, 'sources.list'), `deb ${mirror} ${kernel.suite} main\n`);
    const config = join(directory, 'apt.conf');
    await writeFile(
      config,
      `Dir::Etc::sourcelist "${directory}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "${directory}/lists";
Dir::State::status "${directory}/status";
Dir::Cache "${directory}/cache";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
`,
    );
    const apt = new PrivateApt(config);
    await apt.#run('apt-get', '-qq', 'update');
    return apt;
  }

  /**
   * The packages of the kernel's own that a meta-package stands for: from 7.1 on the image is spread over several.
   *
   * @throws {KernelUnavailableError} where there are none.
   */
  async packagesOf(metaPackage: string): Promise<readonly string[]> {
    const which = ['--recurse', '--no-recommends', '--no-suggests', '--no-conflicts', '--no-breaks'];
    const more = ['--no-replaces', '--no-enhances', '--important', metaPackage];
    const lines = (await this.#run('apt-cache', 'depends', ...which, ...more)).split('\n');
    const packages = lines.filter((line) =>
      /^linux-(image|binary|modules|base)-\d+\.\d+\.\d+\S*-amd64$/.test(line),
    );
    if (packages.length === 0) throw new KernelUnavailableError(`${metaPackage} depends on no kernel`);
    return packages;
  }

  /** Downloads packages and unpacks them into a directory, without installing anything. */
  async unpack(packages: readonly string[], directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    await this.#run('apt-get', '-qq', 'download', ...packages);
    for (const file of await readdir(dirname(this.#config))) {
      if (!file.endsWith('.deb')) continue;
      const archive = join(dirname(this.#config), file);
      await run(['dpkg-deb', '-x', archive, directory]);
      await rm(archive);
    }
  }

  async #run(...command: readonly string[]): Promise<string> {
    const options = { env: { APT_CONFIG: this.#config }, cwd: dirname(this.#config), timeoutMs: 300_000 };
    try {
      return (await run(command, options)).stdout;
    } catch (error) {
      throw new KernelUnavailableError(`apt cannot get it: ${(error as Error).message}`, { cause: error });
    }
  }
}

/**
 * Where this machine gets an archive from, whatever the suite.
 *
 * @throws {KernelUnavailableError}
 */
export async function mirrorOf(archive: Kernel['archive']): Promise<string> {
  const { stdout } = await run(['apt-get', 'indextargets', '--format', '$(LABEL) $(REPO_URI)']);
  const mirror = stdout.split('\n').find((line) => line.startsWith(`${archive} `));
  if (mirror === undefined) throw new KernelUnavailableError(`apt here has no source of ${archive}`);
  return mirror.slice(archive.length + 1);
}
